/** As much of Claude Code as registers a server. */
export const CLAUDE = `#!${process.execPath}
const fs = require('node:fs');
const [, , first, what, name, json] = process.argv;
if (first === '--version') { console.log('2.1.0 (Claude Code)'); process.exit(0); }
const file = process.env.HOME + '/.claude.json';
const state = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {};
state.mcpServers ??= {};
if (what === 'remove') delete state.mcpServers[name];
else if (name in state.mcpServers) process.exit(1);
else state.mcpServers[name] = JSON.parse(json);
fs.writeFileSync(file, JSON.stringify(state));
`;
