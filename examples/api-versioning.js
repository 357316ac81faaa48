// Two releases of the app against one server: one from June 2024, one from September 2024.
//
//   node examples/api-versioning.js
//
// BASE_URL, EMAIL and PASSWORD choose another server and account. Needs Node 18 or newer and nothing else.

'use strict';

const assert = require('node:assert/strict');

const BASE_URL = process.env.BASE_URL ?? 'http://localhost:8000';
const EMAIL = process.env.EMAIL ?? 'freelancer@demo.gigvora.com';
const PASSWORD = process.env.PASSWORD ?? 'demo-Pass-2026!';

/** What every release of the app shares: it names its release train, and its token. */
class Client {
  constructor(version, token) {
    this.version = version;
    this.token = token;
  }

  async send(method, path, body, headers = {}) {
    const response = await fetch(new URL(path, BASE_URL), {
      method,
      headers: {
        accept: 'application/json',
        ...(body && { 'content-type': 'application/json' }),
        ...(this.version && { 'x-app-version': this.version }),
        ...(this.token && { authorization: `Bearer ${this.token}` }),
        ...headers,
      },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : null };
  }

  async must(method, path, body, headers) {
    const answer = await this.send(method, path, body, headers);
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
}

/** The app of June 2024: lists are counted, an event is completed or it is not. */
class OldApp extends Client {
  constructor(token) {
    super('2024.06.0', token);
  }

  async events() {
    const found = [];
    for (let address = '/v1/calendar/events?limit=2'; address; ) {
      const page = await this.must('GET', address);
      found.push(...page.results);
      address = page.next;
    }
    return found;
  }

  complete(event) {
    return this.must('PATCH', `/v1/calendar/events/${event.id}`, { is_completed: true });
  }
}

/** The app of September 2024: lists are pages, an event has a status, links say what can be done. */
class NewApp extends Client {
  constructor(token) {
    super('2024.09.0', token);
  }

  async events() {
    const found = [];
    for (let link = { href: '/v1/calendar/events?limit=2' }; link; ) {
      const page = await this.must('GET', link.href);
      found.push(...page.data);
      link = page._links.next;
    }
    return found;
  }

  follow(event, name) {
    const { method, href } = event._links[name];
    return this.must(method, href, {});
  }
}

async function main() {
  const session = await new Client().must('POST', '/v1/auth/login', { email: EMAIL, password: PASSWORD });
  const oldApp = new OldApp(session.access_token);
  const newApp = new NewApp(session.access_token);

  // The new app plans three events; the old one sees the same three.
  const planned = [];
  for (const [index, title] of ['Kick-off', 'Review', 'Retrospective'].entries()) {
    const day = `2031-05-0${index + 1}`;
    planned.push(
      await newApp.must(
        'POST',
        '/v1/calendar/events',
        { title, starts_at: `${day}T09:00:00Z`, ends_at: `${day}T10:00:00Z`, status: 'confirmed' },
        { 'idempotency-key': `${session.user.id}-${title}-${Date.now()}` },
      ),
    );
  }
  const ids = planned.map((event) => event.id);
  const mine = (events) => events.filter((event) => ids.includes(event.id));
  const seenByOld = mine(await oldApp.events());
  const seenByNew = mine(await newApp.events());
  assert.deepEqual(seenByOld.map((event) => event.id), ids);
  assert.deepEqual(seenByNew.map((event) => event.id), ids);

  // The same event in two shapes.
  const [before, now] = [seenByOld[0], seenByNew[0]];
  assert.equal(before.is_completed, false);
  assert.equal(before.status, 'confirmed', 'trains before 2024.09 get both');
  assert.equal(now.status, 'confirmed');
  assert.ok(!('is_completed' in now), 'the newest train has only the status');
  show('2024.06', before, ['title', 'status', 'is_completed']);
  show('2024.09', now, ['title', 'status']);

  // What one does, the other sees in its own words.
  const completed = await oldApp.complete(before);
  assert.equal(completed.is_completed, true);
  const afterwards = await newApp.must('GET', now._links.self.href);
  assert.equal(afterwards.status, 'completed');
  assert.ok(!('complete' in afterwards._links), 'what is done cannot be done again');
  show('2024.09', afterwards, ['title', 'status']);

  const reopened = await newApp.follow(afterwards, 'reopen');
  assert.equal(reopened.status, 'confirmed');
  const [again] = mine(await oldApp.events());
  assert.equal(again.is_completed, false);
  show('2024.06', again, ['title', 'is_completed']);

  // An app that is too old is sent to its store; one that names no release is a current one.
  const refused = await new Client('2024.05.0', session.access_token).send('GET', '/v1/calendar/events');
  assert.deepEqual([refused.status, refused.body.code], [426, 'upgrade_required']);
  console.log(`2024.05  ${refused.status} ${refused.body.code}: ${refused.body.store_links.android}`);
  const unnamed = await new Client('', session.access_token).must('GET', '/v1/calendar/events?limit=1');
  assert.ok('data' in unnamed && 'page' in unnamed);

  for (const id of ids) await newApp.must('DELETE', `/v1/calendar/events/${id}`);
  console.log('Both releases work side by side.');
}

function show(train, event, names) {
  console.log(`${train}  ${names.map((name) => `${name}: ${JSON.stringify(event[name])}`).join(', ')}`);
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
