import { TERMINAL_CLIENT } from '../../broker/protocol.ts';
import { oneLine } from '../../mcp/escape-untrusted.ts';
import type { Translate } from '../../messages/translate.ts';

/** Who started a server, as the user knows them: by the name that the client of the protocol calls itself. */
export function clientText(client: string, t: Translate): string {
  if (client === '' || /^claude(-code|-ai)?$/i.test(client)) return 'Claude';
  if (client === TERMINAL_CLIENT) return t('A terminal');
  if (/^(Visual Studio Code|Code - OSS|VSCodium|code-server)/i.test(client)) return t('VS Code’s agent mode');
  return oneLine(client, 60);
}
