// Staying signed in on a phone: a token client for React Native, Capacitor and whatever else speaks JavaScript.
//
//   node examples/jwt-auth-mobile.js
//
// BASE_URL, EMAIL and PASSWORD choose another server and account; PHONES how many are used at once, and ROUNDS how
// often each of them renews its tokens.
// Needs Node 18 or newer and nothing else. An app takes `TokenClient` and gives it a storage of its own.

'use strict';

const { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const assert = require('node:assert/strict');

const BASE_URL = process.env.BASE_URL ?? 'http://localhost:8000';
const EMAIL = process.env.EMAIL ?? 'freelancer@demo.gigvora.com';
const PASSWORD = process.env.PASSWORD ?? 'demo-Pass-2026!';
const PHONES = Number(process.env.PHONES ?? 1);
const ROUNDS = Number(process.env.ROUNDS ?? 20);
const TIMEOUT = Number(process.env.TIMEOUT ?? 10_000); // milliseconds

// Nothing else signs anybody out: no status, no missing network, no answer that makes no sense.
const ENDINGS = new Set(['token_reused', 'session_ended']);
const EARLY = 30_000; // milliseconds before its end at which an access token is renewed

class SignedOut extends Error {}
class Offline extends Error {}
class Refused extends Error {}

/**
 * Sends requests with a fresh access token.
 *
 * `storage` keeps one value across starts of the app: `load()`, `save(session)` and `clear()`, all of which may be
 * asynchronous. Use the keychain or the keystore. `lock(work)` keeps other processes of the app out, such as a share
 * extension, where there are any. `onSignedOut(code)` shows the sign-in screen.
 */
class TokenClient {
  #session = null;
  #refreshing = null;

  constructor({ baseUrl, storage, onSignedOut = () => {}, lock = (work) => work(), timeout = 10_000, tries = 12 }) {
    Object.assign(this, { baseUrl, storage, onSignedOut, lock, timeout, tries });
    this.sent = { refreshes: 0, retries: 0 };
  }

  async signIn(email, password, device) {
    const answer = await this.#patiently(() => this.#post('/v1/auth/login', { email, password, device }));
    if (answer.status !== 200) throw new Refused(answer.body?.code);
    await this.#keep(answer.body);
    return answer.body.user;
  }

  async signOut() {
    const headers = { authorization: `Bearer ${await this.#accessToken()}` };
    // Whatever the answer is: one that came late finds the session ended already.
    await this.#patiently(() => this.#send('/v1/auth/logout', { method: 'POST', body: {}, headers }));
    await this.#forget();
  }

  /** One request. What arrives twice must not count twice, so give whatever writes an `Idempotency-Key`. */
  async request(path, { method = 'GET', body, headers = {} } = {}) {
    const send = (token) => () =>
      this.#send(path, { method, body, headers: { ...headers, authorization: `Bearer ${token}` } });
    const token = await this.#accessToken();
    const answer = await this.#patiently(send(token));
    if (answer.status !== 401 || answer.body?.code === 'device_mismatch') return answer;
    // Ended early: the server's clock and ours differ, or somebody signed us out. Renewing finds out which.
    const session = await this.#current();
    if (session?.access_token === token) await this.refresh();
    return this.#patiently(send((await this.#current()).access_token));
  }

  /** New tokens. However many ask at once, one request is sent, and all of them wait for its answer. */
  refresh() {
    this.#refreshing ??= this.lock(() => this.#rotate()).finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  async #rotate() {
    this.#session = await this.storage.load(); // another process may have been faster
    if (!this.#session) throw new SignedOut('signed_out');
    const { refresh_token } = this.#session;
    this.sent.refreshes += 1;
    // The same token as often as it takes: until its successor is used, the server gives the same answer again.
    const answer = await this.#patiently(() => this.#post('/v1/auth/refresh', { refresh_token }));
    if (answer.status === 200) return this.#keep(answer.body);
    if (!ENDINGS.has(answer.body?.code)) throw new Refused(answer.body?.code);
    await this.#forget();
    this.onSignedOut(answer.body.code);
    throw new SignedOut(answer.body.code);
  }

  async #accessToken() {
    if (this.#refreshing) await this.#refreshing;
    const session = await this.#current();
    if (!session) throw new SignedOut('signed_out');
    if (Date.now() > session.renew_at) await this.refresh();
    return (await this.#current()).access_token;
  }

  async #current() {
    this.#session ??= await this.storage.load();
    return this.#session;
  }

  /** Stored before it is used: a token that was used and then forgotten could not be renewed any more. */
  async #keep({ access_token, refresh_token, expires_in }) {
    const session = { access_token, refresh_token, renew_at: Date.now() + expires_in * 1000 - EARLY };
    await this.storage.save(session);
    this.#session = session;
  }

  async #forget() {
    this.#session = null;
    await this.storage.clear();
  }

  /** The first answer that means something. Lost ones, 429 and 5xx are asked for again, more slowly each time. */
  async #patiently(send) {
    for (let pause = 50, left = this.tries; ; pause = Math.min(pause * 2, 10_000), left -= 1) {
      const answer = await send().catch((error) => ({ status: 0, error }));
      if (answer.status && answer.status !== 429 && answer.status < 500) return answer;
      if (left <= 1) throw new Offline(answer.error?.message ?? `The server answers ${answer.status}.`);
      this.sent.retries += 1;
      const asked = Number(answer.headers?.get('retry-after')) * 1000 || 0;
      await new Promise((resolve) => setTimeout(resolve, Math.max(asked, pause * (0.5 + Math.random()))));
    }
  }

  #post(path, body) {
    return this.#send(path, { method: 'POST', body });
  }

  async #send(path, { method, body, headers }) {
    const patience = new AbortController();
    let timer;
    const tooLate = new Promise((_, reject) => {
      timer = setTimeout(() => {
        patience.abort();
        reject(new Error('No answer in time.')); // a body that was cut may wait for ever, aborted or not
      }, this.timeout);
    });
    const exchange = async () => {
      const response = await fetch(new URL(path, this.baseUrl), {
        method,
        headers: { accept: 'application/json', ...(body && { 'content-type': 'application/json' }), ...headers },
        body: body && JSON.stringify(body),
        signal: patience.signal,
      });
      const text = await response.text(); // half an answer is no answer: this throws
      return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : null };
    };
    return Promise.race([exchange(), tooLate]).finally(() => clearTimeout(timer));
  }
}

/** What the keychain does on a phone: one value, replaced as a whole or not at all. */
class FileStorage {
  constructor(path) {
    this.path = path;
  }

  load() {
    try {
      return JSON.parse(readFileSync(this.path, 'utf8'));
    } catch {
      return null;
    }
  }

  save(session) {
    writeFileSync(`${this.path}.new`, JSON.stringify(session), { mode: 0o600 });
    renameSync(`${this.path}.new`, this.path);
  }

  clear() {
    rmSync(this.path, { force: true });
  }
}

/** One phone, over so many rounds of ten minutes each. */
async function phone(storage, rounds, counts) {
  const start = () =>
    new TokenClient({ baseUrl: BASE_URL, storage, timeout: TIMEOUT, onSignedOut: () => (counts.endings += 1) });
  /** The system has closed the app, and it starts anew with what is stored. */
  const restart = (closed) => {
    counts.refreshes += closed.sent.refreshes;
    counts.retries += closed.sent.retries;
    return start();
  };

  let app = start();
  const user = await app.signIn(EMAIL, PASSWORD, { platform: 'ios', name: 'iPhone' });
  for (let round = 1; round <= rounds; round += 1) {
    if (round % 10 === 0) app = restart(app);
    if (round % 10 === 5) app = restart(await crashed(app, storage));
    // The access token is over, and several screens want something at once.
    const screens = [app.refresh(), app.request('/v1/auth/me'), app.request('/v1/auth/me')];
    const [, ...answers] = await Promise.all(screens);
    for (const answer of answers) assert.equal(answer.body.id, user.id);
  }
  await app.signOut();
  restart(app);
}

/** The worst moment: the server has renewed the tokens, and the app dies before it has stored them. */
async function crashed(app, storage) {
  const before = storage.load();
  await app.refresh();
  storage.save(before);
  return app;
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'gigvora-'));
  const counts = { refreshes: 0, retries: 0, endings: 0 };
  const phones = Array.from({ length: PHONES }, (_, number) => new FileStorage(join(folder, `${number}.json`)));
  await Promise.all(phones.map((storage) => phone(storage, ROUNDS, counts)));
  rmSync(folder, { recursive: true });

  const crashes = Math.floor((ROUNDS + 5) / 10);
  assert.equal(counts.refreshes, PHONES * (ROUNDS + crashes), 'however many wait, tokens are renewed once');
  assert.equal(counts.endings, 0);
  console.log(
    `${counts.refreshes} renewals, ${counts.retries} answers asked for again, ${counts.endings} times signed out.`,
  );
}

module.exports = { TokenClient, SignedOut, Offline, Refused };

if (require.main === module) {
  main().catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
}
