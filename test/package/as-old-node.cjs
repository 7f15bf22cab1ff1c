// Loaded into a program by a test (--require): Node says that it is older than it is.
Object.defineProperty(process, 'versions', { value: { ...process.versions, node: process.env.AS_NODE } });
Object.defineProperty(process, 'version', { value: `v${process.env.AS_NODE}` });
