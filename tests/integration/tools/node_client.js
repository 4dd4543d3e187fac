// Requests by Node's own client: node_client.js PORT NAME runs the function of that name.
'use strict';

const assert = require('node:assert');
const http = require('node:http');
const { once } = require('node:events');

const port = Number(process.argv[2]);
const body = Buffer.alloc(100000, '0123456789');

function open(path, options = {}) {
  return http.request({ host: '127.0.0.1', port, path, ...options });
}

// Resolves to what a request that has been begun brought, which must be a success.
async function finish(request, content) {
  request.end(content);
  const [answer] = await once(request, 'response');
  assert.strictEqual(answer.statusCode, 200);
  const pieces = [];
  for await (const piece of answer) pieces.push(piece);
  return { body: Buffer.concat(pieces), reused: request.reusedSocket };
}

async function openConnections() {
  const { body } = await finish(open('/status', { agent: false }));
  return JSON.parse(body).open_connections;
}

const functions = {
  async an_agent_keeps_its_connection() {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    for (let i = 0; i < 100; i++) {
      const answer = await finish(open('/hello', { agent }));
      assert.strictEqual(answer.body.toString(), 'Hello, world!\n');
      assert.strictEqual(answer.reused, i > 0);
    }
    agent.destroy();
  },

  async many_requests_at_once_are_answered() {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
    const answers = [];
    for (let i = 1; i <= 200; i++) answers.push(finish(open(`/stream?n=${i}`, { agent })));
    for (const [i, answer] of (await Promise.all(answers)).entries()) {
      assert.ok(answer.body.toString().endsWith(`line ${i + 1}\n`));
    }
    agent.destroy();
  },

  async a_body_waits_for_100_continue() {
    const request = open('/echo', { method: 'POST', headers: {
      Expect: '100-continue', 'Content-Length': body.length } });
    request.flushHeaders();
    await once(request, 'continue');
    assert.ok((await finish(request, body)).body.equals(body));
  },

  async a_body_in_chunks_comes_back() {
    const request = open('/echo', { method: 'POST' });
    for (let i = 0; i < 10; i++) request.write(body);
    const answer = await finish(request);
    assert.ok(answer.body.equals(Buffer.concat(Array(10).fill(body))));
  },

  async requests_broken_off_leave_nothing_behind() {
    for (let i = 0; i < 20; i++) {
      const download = open('/big.bin');
      download.end();
      const [answer] = await once(download, 'response');
      await once(answer, 'data');
      download.on('error', () => {});
      download.destroy();
      const upload = open('/echo', { method: 'POST', headers: { 'Content-Length': 200000 } });
      upload.on('error', () => {});
      await new Promise((written) => upload.write(body, written));
      upload.destroy();
    }
    // Until the server has seen it; whoever started this has a limit in time.
    while (await openConnections() > 1) ;
  },
};

functions[process.argv[3]]();
