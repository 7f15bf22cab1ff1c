import type * as vscode from 'vscode';

/** Where VS Code's SecretStorage keeps the key; it lies nowhere else. */
const NAME = 'claudeKimi.apiKey';

type Holder = Pick<vscode.ExtensionContext, 'secrets'>;

/** The key of the Kimi platform, or undefined. Read anew for each use. */
export async function readKey({ secrets }: Holder): Promise<string | undefined> {
  return (await secrets.get(NAME)) || undefined;
}

export async function storeKey({ secrets }: Holder, key: string): Promise<void> {
  await secrets.store(NAME, key);
}

let moving = 0;

/** Whether this window is just storing a key with its address. */
export const isKeyMoving = (): boolean => moving > 0;

/**
 * A key with the address that it is for. A keyring may ask for its password, and wait for it: until both are stored, neither goes with the other.
 * Where the key cannot be kept (a keyring that does not open), the address stays, too: the key that is stored would go to one that it is not for.
 */
export async function storeKeyFor(
  holder: Holder,
  key: string,
  address: { now: unknown; set(value: unknown): Promise<void> },
  baseUrl: string,
) {
  moving++;
  try {
    await address.set(baseUrl);
    await storeKey(holder, key).catch(async (error) => {
      await address.set(address.now);
      throw error;
    });
  } finally {
    moving--;
  }
}

export async function deleteKey({ secrets }: Holder): Promise<void> {
  await secrets.delete(NAME);
}

/** Another window may have stored or deleted it too. */
export function onKeyChange({ secrets }: Holder, listener: () => void): vscode.Disposable {
  return secrets.onDidChange(({ key }) => {
    if (key === NAME) listener();
  });
}
