import { OLDEST_NODE, TRY_NODE } from '../common/node-version.ts';

/**
 * `<state>/bin/kimi-agent`: finds a Node that is new enough (or VS Code's own) and hands over to launch.cjs beside it. Plain POSIX
 * shell without any other program, because a desktop's PATH may hold next to nothing. `runtime` beside it remembers what worked.
 */
export const SHELL_SCRIPT = `#!/bin/sh
# Started by Claude Code. Written by Kimi Delegate (claude-kimi-mcp); it is written again at each update.
self=$0
while [ -h "$self" ]; do # started by a link
  for readlink in /usr/bin/readlink /bin/readlink; do [ -x $readlink ] && break; done
  target=$($readlink "$self") || break
  case $target in
  /*) self=$target ;;
  *) self=\${self%/*}/$target ;;
  esac
done
here=\${self%/*}
launch=$here/launch.cjs

# A runtime that was tried when it was written down needs no second trial. Line 1: electron or node. Line 2: the program.
if [ -r "$here/runtime" ]; then
  { IFS= read -r kind; IFS= read -r program; } <"$here/runtime"
  if [ -n "$program" ] && [ -x "$program" ]; then
    if [ "$kind" = electron ]; then ELECTRON_RUN_AS_NODE=1; export ELECTRON_RUN_AS_NODE; fi
    exec "$program" "$launch" "$@"
  fi
fi

works() {
  [ -x "$1" ] && ELECTRON_RUN_AS_NODE=1 "$1" -e "${TRY_NODE}" </dev/null >/dev/null 2>&1
}
old_ifs=$IFS
IFS=:
set -f # no pattern in a name stands for other folders
for folder in $PATH; do
  # One in the packages of a project is the project's, and a relative one changes with the folder.
  case $folder in
  */node_modules | */node_modules/*) ;;
  /*) if works "$folder/node"; then exec "$folder/node" "$launch" "$@"; fi ;;
  esac
done
IFS=$old_ifs
set +f
for program in /usr/local/bin/node /opt/homebrew/bin/node /usr/bin/node /opt/local/bin/node /snap/bin/node \\
  "$HOME"/.volta/bin/node "$HOME"/.local/bin/node "$HOME"/.local/share/mise/installs/node/*/bin/node \\
  "$HOME"/.nvm/versions/node/*/bin/node "$HOME"/.local/share/fnm/node-versions/*/installation/bin/node "$HOME"/.asdf/installs/nodejs/*/bin/node; do
  if works "$program"; then exec "$program" "$launch" "$@"; fi
done
for program in "$HOME"/.vscode-server/cli/servers/*/server/node "$HOME"/.vscode-server/bin/*/node \\
  /usr/share/code/code /usr/lib/code/code /snap/code/current/usr/share/code/code \\
  "/Applications/Visual Studio Code.app/Contents/MacOS/Electron" "$HOME/Applications/Visual Studio Code.app/Contents/MacOS/Electron"; do
  if works "$program"; then
    ELECTRON_RUN_AS_NODE=1
    export ELECTRON_RUN_AS_NODE
    exec "$program" "$launch" "$@"
  fi
done

gone='Kimi Delegate finds no Node.js of version ${OLDEST_NODE} or newer, and no VS Code. Install one of them, or remove the registration: claude mcp remove kimi-agent -s user'
echo "$gone" >&2
# Claude Code shows the message of a JSON-RPC error; of a program that ends at once it shows only that it ended.
while IFS= read -r line; do
  case $line in
  *'"id"'*) ;;
  *) continue ;;
  esac
  id=\${line#*\\"id\\":}
  id=\${id%%[,\\}]*}
  case $line in
  *'"initialize"'*) printf '{"jsonrpc":"2.0","id":%s,"error":{"code":-32000,"message":"%s"}}\\n' "$id" "$gone" ;;
  *) printf '{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"Method not found"}}\\n' "$id" ;;
  esac
done
exit 1
`;
