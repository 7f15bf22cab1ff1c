// Loaded into the server by the campaign (--require, with --expose-gc): on SIGUSR2 it collects its garbage and writes down what it holds.
const fs = require('node:fs');

/** A file that is just being read has a buffer of 256 KB, so the least of some looks counts. */
const LOOKS = 10;

process.on('SIGUSR2', async () => {
  let kept = Number.POSITIVE_INFINITY;
  for (let look = 0; look < LOOKS; look++) {
    await new Promise(setImmediate);
    globalThis.gc();
    const { heapUsed, external } = process.memoryUsage();
    kept = Math.min(kept, heapUsed + external);
  }
  const memory = { kept, handles: process.getActiveResourcesInfo().length, resident: process.memoryUsage().rss };
  fs.writeFileSync(`${process.env.MEMORY_FILE}.part`, JSON.stringify(memory));
  fs.renameSync(`${process.env.MEMORY_FILE}.part`, process.env.MEMORY_FILE);
});
