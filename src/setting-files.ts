/** The files that settings come from. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { errorCode } from './common/caught-error.ts';
import { readEnv } from './common/read-env.ts';
import { type SettingLayer, variableLayer } from './config.ts';
import { message } from './messages/message.ts';

/** `.env` in the state directory, then, in a clone of this project, the one beside its own package.json. Never the working directory's. */
export function fileLayers(stateDir: string, programFile: string): FileLayer[] {
  const ofClone = path.join(path.dirname(programFile), '..', '.env');
  return [path.join(stateDir, '.env'), ...(isClone(path.dirname(ofClone)) ? [ofClone] : [])]
    .filter((file) => existsSync(file))
    .map(fileLayer);
}

type FileLayer = SettingLayer & { readonly label: string };

function fileLayer(file: string): FileLayer {
  try {
    return { ...variableLayer('file', file, readEnv(readFileSync(file, 'utf8'))), label: file };
  } catch (error) {
    const code = errorCode(error) ?? String(error);
    return { source: 'file', label: file, values: {}, problem: message('setting.unreadable', { file, code }) };
  }
}

function isClone(folder: string): boolean {
  try {
    return (
      JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')).name === 'claude-kimi-mcp' && existsSync(path.join(folder, 'src'))
    );
  } catch {
    return false;
  }
}
