// Loaded into the server by the campaign (--require, with --expose-gc): on SIGUSR2 it collects its garbage and writes down what it holds, the thread
// in which attempts run included.
const fs = require('node:fs');
const { BroadcastChannel, isMainThread } = require('node:worker_threads');

/** A file that is just being read has a buffer of 256 KB, so the least of some looks counts. */
const LOOKS = 10;

async function measure() {
  let kept = Number.POSITIVE_INFINITY;
  for (let look = 0; look < LOOKS; look++) {
    await new Promise(setImmediate);
    globalThis.gc();
    const { heapUsed, external } = process.memoryUsage();
    kept = Math.min(kept, heapUsed + external);
  }
  return { kept, handles: process.getActiveResourcesInfo().length };
}

const channel = new BroadcastChannel('memory');
channel.unref();
if (isMainThread) {
  process.on('SIGUSR2', async () => {
    const told = new Promise((resolve) => {
      channel.onmessage = ({ data }) => resolve(data);
    });
    channel.postMessage('measure');
    const [own, thread] = [await measure(), await told];
    const memory = { kept: own.kept + thread.kept, handles: own.handles + thread.handles, resident: process.memoryUsage().rss };
    fs.writeFileSync(`${process.env.MEMORY_FILE}.part`, JSON.stringify(memory));
    fs.renameSync(`${process.env.MEMORY_FILE}.part`, process.env.MEMORY_FILE);
  });
} else {
  channel.onmessage = async ({ data }) => {
    if (data === 'measure') channel.postMessage(await measure());
  };
}
