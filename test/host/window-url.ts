import type { Host } from './vscode-server.ts';

/**
 * The address of a window. What is under development travels in `payload`, which VS Code reads only when its server was started with
 * the smoke-test driver.
 */
export function windowUrl(
  host: Host,
  options: { folder: string; extensionDevelopmentPath?: string | undefined; extensionTestsPath?: string | undefined },
): string {
  const remote = (file: string) => `vscode-remote://127.0.0.1:${host.port}${encodeURI(file)}`;
  const payload = [
    ...(options.extensionDevelopmentPath ? [['extensionDevelopmentPath', remote(options.extensionDevelopmentPath)]] : []),
    ...(options.extensionTestsPath ? [['extensionTestsPath', remote(options.extensionTestsPath)]] : []),
    ['skipWelcome', 'true'],
  ];
  const kind = options.folder.endsWith('.code-workspace') ? 'workspace' : 'folder';
  return `${host.url}/?${kind}=${encodeURIComponent(options.folder)}&payload=${encodeURIComponent(JSON.stringify(payload))}`;
}
