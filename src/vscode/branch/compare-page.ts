/** Where the pages of a repository are, by the address of its remote; null = it has none, such as a folder. */
export function repositoryPage(remoteUrl: string): { readonly host: string; readonly page: string } | null {
  const url = remoteUrl.trim();
  const scp = /^(?:[^@/\s]+@)?([A-Za-z0-9.-]+):(?!\/\/)(?!\d+\/)(.+)$/.exec(url);
  const full = /^(?:https?|ssh|git):\/\/(?:[^@/]*@)?([A-Za-z0-9.-]+)(?::\d+)?\/(.+)$/.exec(url);
  const [, host, rest] = full ?? (scp && !/^[A-Za-z]$/.test(scp[1]!) ? scp : null) ?? [];
  const name = rest?.replace(/^\/+|(?<!\/)\/+$/g, '').replace(/\.git$/, '');
  if (!host || !name) return null;
  const azure = /^ssh\.dev\.azure\.com$/.test(host) ? /^v3\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(name) : null;
  if (azure) return { host: 'dev.azure.com', page: `https://dev.azure.com/${azure[1]}/${azure[2]}/_git/${azure[3]}` };
  return { host: host.toLowerCase(), page: `https://${host.toLowerCase()}/${name.split('/').map(encoded).join('/')}` };
}

/** The page on which a pull request of a branch is begun; null where the host is not known to have one. */
export function comparePage(remoteUrl: string, branch: string): string | null {
  const repository = repositoryPage(remoteUrl);
  if (!repository) return null;
  const { host, page } = repository;
  const inPath = branch.split('/').map(encoded).join('/');
  const inQuery = encodeURIComponent(branch);
  if (/(^|\.)github\./.test(host)) return `${page}/compare/${inPath}?expand=1`;
  if (/(^|\.)gitlab\./.test(host)) return `${page}/-/merge_requests/new?merge_request%5Bsource_branch%5D=${inQuery}`;
  if (host === 'bitbucket.org') return `${page}/pull-requests/new?source=${inQuery}`;
  if (host === 'gitee.com') return `${page}/pulls/new?source_branch=${inQuery}`;
  if (host === 'dev.azure.com' || host.endsWith('.visualstudio.com')) return `${page}/pullrequestcreate?sourceRef=${inQuery}`;
  if (host === 'codeberg.org') return `${page}/compare/${inPath}`;
  return null;
}

const encoded = (part: string) => encodeURIComponent(decoded(part));

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
