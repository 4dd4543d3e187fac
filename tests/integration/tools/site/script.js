// Runs on the page and writes into it what came of every check: the test reads that.
'use strict';

function say(text) {
  const item = document.createElement('li');
  item.textContent = text;
  document.getElementById('results').append(item);
}

async function fetchText(path, options) {
  const answer = await fetch(path, options);
  return `${answer.status} ${await answer.text()}`;
}

async function checkAll() {
  const color = getComputedStyle(document.querySelector('h1')).color;
  say(`heading: ${color}`);
  say(`picture: ${document.getElementById('picture').naturalWidth} wide`);
  say(`hello: ${await fetchText('/hello')}`);
  const lines = (await fetchText('/stream?n=1000')).trim().split('\n');
  say(`stream: ${lines.length} lines, the last is ${lines.at(-1)}`);
  const echo = await fetchText('/echo', { method: 'POST', body: 'to and fro' });
  say(`echo: ${echo}`);
  const many = [];
  for (let i = 0; i < 50; i++) many.push(fetchText('/hello'));
  const same = (await Promise.all(many)).filter((text) => text === '200 Hello, world!\n');
  say(`at once: ${same.length}`);
  document.title = 'Done';
}

window.addEventListener('load', () => {
  checkAll().catch((error) => say(`failed: ${error}`));
});
