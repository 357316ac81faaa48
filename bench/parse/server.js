// Parse Server as its guide mounts it, in one process or, with PROCESSES=2, in a cluster of two.
'use strict';

const cluster = require('node:cluster');
const express = require('express');
const { ParseServer } = require('parse-server');

const { DATABASE_URL, MASTER_KEY, PORT, PROCESSES = '1' } = process.env;

async function serve() {
  const parse = new ParseServer({
    databaseURI: DATABASE_URL,
    appId: 'bench',
    masterKey: MASTER_KEY,
    serverURL: `http://127.0.0.1:${PORT}/parse`,
    allowClientClassCreation: false,
    enableAnonymousUsers: false,
    silent: true,
    logsFolder: null,
  });
  await parse.start();
  express().use('/parse', parse.app).listen(Number(PORT), '127.0.0.1');
}

if (Number(PROCESSES) > 1 && cluster.isPrimary) {
  for (let count = 0; count < Number(PROCESSES); count += 1) cluster.fork();
  cluster.on('exit', () => process.exit(1));
} else {
  serve().catch((error) => {
    console.error(error);
    process.exit(1);
  });
}
