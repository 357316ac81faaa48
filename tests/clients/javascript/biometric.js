// A phone with a key behind its biometrics, played by Node's own crypto; transactions in RFC 8785 by `canonicalize`.
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import canonicalize from "canonicalize";

const { BASE_URL, EMAIL, PASSWORD } = process.env;
const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });

async function post(path, body, token) {
  const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
  const answer = await fetch(BASE_URL + path, { method: "POST", headers, body: JSON.stringify(body) });
  return { status: answer.status, body: await answer.json() };
}

const device = { platform: "android", name: "Test" };
const login = await post("/v1/auth/login", { email: EMAIL, password: PASSWORD, device });
const { access_token: token, device: { id: deviceId } } = login.body;

const spki = publicKey.export({ type: "spki", format: "der" }).toString("base64");
const enrolled = await post("/v1/auth/biometric/enroll", { public_key: spki }, token);
console.log(`enrolled: ${enrolled.status}`);

async function answer(purpose, transaction, bearer) {
  const asked = (await post("/v1/auth/biometric/challenge", { device_id: deviceId, purpose, transaction })).body;
  const canonical = transaction ? canonicalize(transaction) : "";
  const message = Buffer.concat([
    Buffer.from(`gigvora-dk-v1${asked.id}${asked.nonce}${deviceId}${purpose}`),
    createHash("sha256").update(canonical).digest(),
  ]);
  const signature = sign("sha256", message, privateKey).toString("base64url");
  return post("/v1/auth/biometric/verify", { id: asked.id, signature }, bearer);
}

const signedIn = await answer("sign_in");
console.log(`signed in: ${signedIn.status} on the same device: ${signedIn.body.device.id === deviceId}`);
const steppedUp = await answer("step_up", undefined, token);
console.log(`stepped up: ${steppedUp.status} ${steppedUp.body.is_fresh}`);
const payout = { to: "Zoë €", amount: "12.50", urgent: true, lines: [3, 1.5, -0, 1e21], nested: { ö: null, "😀": 1, "ﬀ": 2 } };
const signed = await answer("transaction", payout, token);
console.log(`transaction: ${signed.status} ${Boolean(signed.body.transaction_token)}`);
