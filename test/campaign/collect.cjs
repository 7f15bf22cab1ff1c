// Loaded into the server by the campaign (--require, with --expose-gc): on SIGUSR2 it collects its garbage and writes down what it holds.
const fs = require('node:fs');

process.on('SIGUSR2', () => {
  globalThis.gc();
  globalThis.gc();
  fs.writeFileSync(`${process.env.MEMORY_FILE}.part`, String(process.memoryUsage().rss));
  fs.renameSync(`${process.env.MEMORY_FILE}.part`, process.env.MEMORY_FILE);
});
