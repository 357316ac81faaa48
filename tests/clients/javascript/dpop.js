// An app that binds its session to a key with `jose`: every proof is made by the library, none by us.
import { randomUUID } from "node:crypto";
import {
  SignJWT, base64url, calculateJwkThumbprint, createRemoteJWKSet, exportJWK, generateKeyPair, jwtVerify,
} from "jose";

const { BASE_URL, EMAIL, PASSWORD } = process.env;
const { publicKey, privateKey } = await generateKeyPair("ES256");
const jwk = await exportJWK(publicKey);

async function prove(method, url, { token, nonce, age = 0 } = {}) {
  const claims = { jti: randomUUID(), htm: method, htu: url };
  if (token) claims.ath = base64url.encode(new Uint8Array(await crypto.subtle.digest("SHA-256", Buffer.from(token))));
  if (nonce) claims.nonce = nonce;
  return new SignJWT(claims)
    .setProtectedHeader({ typ: "dpop+jwt", alg: "ES256", jwk })
    .setIssuedAt(Math.floor(Date.now() / 1000) - age)
    .sign(privateKey);
}

async function call(method, path, { token, body, scheme = "DPoP", signed = true, ...proof } = {}) {
  const url = BASE_URL + path;
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `${scheme} ${token}`;
  if (signed) headers.DPoP = await prove(method, url, { token, ...proof });
  const answer = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
  return { status: answer.status, nonce: answer.headers.get("DPoP-Nonce"), body: await answer.json() };
}

const say = (what, { status, body }) => console.log(`${what}: ${status} ${body.code ?? ""}`.trim());

const device = { platform: "ios", name: "Test" };
const login = await call("POST", "/v1/auth/login", { body: { email: EMAIL, password: PASSWORD, device } });
const { access_token: token, refresh_token } = login.body;
console.log(`signed in: ${login.status} ${login.body.token_type}`);

const keys = createRemoteJWKSet(new URL("/.well-known/jwks.json", BASE_URL));
const { payload } = await jwtVerify(token, keys, { issuer: BASE_URL, audience: "gigvora-mobile-ios", typ: "at+jwt" });
console.log(`bound to this key: ${payload.cnf.jkt === (await calculateJwkThumbprint(jwk))}`);

say("signed request", await call("GET", "/v1/auth/me", { token }));
say("as a bearer token", await call("GET", "/v1/auth/me", { token, scheme: "Bearer", signed: false }));

const late = await call("GET", "/v1/auth/me", { token, age: 3600 });
say("clock an hour late", late);
say("with the nonce", await call("GET", "/v1/auth/me", { token, age: 3600, nonce: late.nonce }));

say("refresh without a proof", await call("POST", "/v1/auth/refresh", { body: { refresh_token }, signed: false }));
const refreshed = await call("POST", "/v1/auth/refresh", { body: { refresh_token } });
say("refresh", refreshed);
say("with the new token", await call("GET", "/v1/auth/me", { token: refreshed.body.access_token }));
