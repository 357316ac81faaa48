// Chromium with a virtual authenticator on a page of its own origin: `@simplewebauthn/browser` registers and signs in.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { chromium } from "playwright-core";

const { BASE_URL, CHROMIUM, EMAIL, PAGE_PORT, PASSWORD } = process.env;
const here = (name) => new URL(name, import.meta.url);
const files = {
  "/": ["text/html", here("passkeys.html")],
  "/simplewebauthn.js": ["text/javascript", here("node_modules/@simplewebauthn/browser/dist/bundle/index.umd.min.js")],
};

const pages = createServer(async ({ url }, response) => {
  const [type, file] = files[url] ?? [];
  response.writeHead(file ? 200 : 404, { "Content-Type": type ?? "text/plain" }).end(file && (await readFile(file)));
}).listen(Number(PAGE_PORT), "127.0.0.1");

const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
try {
  const page = await browser.newPage();
  await page.goto(`http://localhost:${PAGE_PORT}/`);
  await page.evaluate((url) => { window.API = url; }, BASE_URL);

  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true,
      isUserVerified: true, automaticPresenceSimulation: true,
    },
  });

  const added = await page.evaluate(([email, password]) => register(email, password), [EMAIL, PASSWORD]);
  console.log(`registered: ${added.status} ${added.body.name} ${added.body.transports}`);
  for (const [how, email] of [["without an address", ""], ["with an address", EMAIL]]) {
    const answer = await page.evaluate((address) => signIn(address), email);
    console.log(`signed in ${how}: ${answer.status} ${answer.body.user?.email === EMAIL}`);
  }
  await devtools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
  const refused = await page.evaluate(() => signIn("").catch((error) => error.name));
  console.log(`with nobody there: ${refused}`);
} finally {
  await browser.close();
  pages.close();
}
