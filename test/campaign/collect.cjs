// Loaded into the server by the campaign (--require, with --expose-gc): on SIGUSR2 it collects its garbage and writes down what it holds.
const fs = require('node:fs');

process.on('SIGUSR2', () => {
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  const memory = { kept: heapUsed + external, handles: process.getActiveResourcesInfo().length, resident: rss };
  fs.writeFileSync(`${process.env.MEMORY_FILE}.part`, JSON.stringify(memory));
  fs.renameSync(`${process.env.MEMORY_FILE}.part`, process.env.MEMORY_FILE);
});
