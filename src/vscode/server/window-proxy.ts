import * as vscode from 'vscode';

/** A proxy that the user set in VS Code; it counts for the window alone. */
export interface WindowProxy {
  readonly url: string;
  /** Hosts that are reached without it. */
  readonly except: readonly string[];
}

export function windowProxy(): WindowProxy | null {
  const http = vscode.workspace.getConfiguration('http');
  const url = http.get('proxy', '').trim();
  return url && http.get('proxySupport') !== 'off' ? { url, except: http.get<string[]>('noProxy', []) } : null;
}
