// Reads networks with the worker of VOSviewer Online, which has its reader, and prints what it makes
// of them as JSON: node vosviewer.mjs FILE...
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {runInThisContext} from 'node:vm';

let bundle;
try {
  bundle = readFileSync(createRequire(import.meta.url).resolve('vosviewer-online'), 'utf8');
} catch {
  process.exit(77);
}

// The worker's code is a text within the bundle, which itself wants a browser.
const start = bundle.indexOf("new Blob(['") + 'new Blob(['.length;
let end = start + 1;
while (bundle[end] !== "'") end += bundle[end] === '\\' ? 2 : 1;
const code = runInThisContext(bundle.slice(start, end + 1));

const listeners = [];
const sent = [];
globalThis.self = globalThis;
self.addEventListener = (_, listener) => listeners.push(listener);
self.postMessage = (message) => sent.push(message);
runInThisContext(code);

const ask = (type, options, reply) => {
  listeners.forEach((listener) => listener({data: {type, options}}));
  return sent.splice(0).find((message) => message.type === reply).data;
};
const found = process.argv.slice(2).map((file) => {
  const data = JSON.parse(readFileSync(file, 'utf8'));
  const options = {jsonFileOrUrlOrObject: data};
  const read = ask('start parse vosviewer-json data', options, 'end parse vosviewer-json data');
  if (read.dataError) return {error: read.dataError.message};
  const {mapData, networkData} = read;
  const process = ask('start process data', {mapData, networkData}, 'end process data');
  return {items: mapData, links: networkData, indices: process.itemIdToIndex};
});
process.stdout.write(JSON.stringify(found));
