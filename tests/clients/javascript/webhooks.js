// An integrator in Chromium: pastes a request into the test page, then a changed and an old one.
import { chromium } from "playwright-core";

const { BASE_URL, CHROMIUM, REQUESTS, SCREENSHOT } = process.env;
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
try {
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.log(`error: ${error.message}`));
  page.on("request", ({ url }) => page.url() !== "about:blank" && console.log(`asked for ${url()}`));
  await page.goto(`${BASE_URL}/webhooks/test`);
  for (const request of JSON.parse(REQUESTS)) {
    for (const [name, value] of Object.entries(request)) await page.fill(`#${name}`, value);
    await page.waitForFunction(() => document.getElementById("verdict").className !== "");
    await page.waitForTimeout(100);
    console.log((await page.textContent("#verdict")).split(/[:,]/)[0]);
  }
  if (SCREENSHOT) await page.screenshot({ path: SCREENSHOT, fullPage: true });
} finally {
  await browser.close();
}
