import type { Detected, Project } from './project.ts';

const TEST_FILE = /(?:^|\/)(?:test_[^/]*|[^/]*_test)\.py$/;

/** Sub-projects of a workspace have theirs at its root. */
const RUNS_BY: Readonly<Record<string, string>> = {
  'uv.lock': 'uv run',
  'poetry.lock': 'poetry run',
  'pdm.lock': 'pdm run',
  Pipfile: 'pipenv run',
};

/** The tool that runs a program of the project's environment, where its lock file is there and the user has the tool. */
function runner(project: Project): string | undefined {
  const by = RUNS_BY[project.firstAbove(Object.keys(RUNS_BY)) ?? ''];
  return by !== undefined && project.hasProgram(by.split(' ')[0]!) ? by : undefined;
}

/** Python with the packages of the project. */
function python(project: Project): string {
  const by = runner(project);
  return project.python ?? (by === undefined ? 'python3' : `${by} python`);
}

/** Runs a tool with the packages of the project; each of these tools is a program by its name, too. */
function runs(project: Project, tool: string): string {
  const by = project.python === null ? runner(project) : undefined;
  return by === undefined ? `${python(project)} -m ${tool}` : `${by} ${tool}`;
}

function isPython(project: Project): boolean {
  const own = [
    'pyproject.toml',
    'setup.py',
    'setup.cfg',
    'tox.ini',
    'pytest.ini',
    '.pytest.ini',
    'pytest.toml',
    'Pipfile',
    'requirements*.txt',
    '*.py',
  ];
  return project.first(...own) !== undefined || ['tests/__init__.py', 'tests/conftest.py', 'test/__init__.py'].some(project.has);
}

/** Where pytest is set up, or asked for among the requirements. */
function pytestFile(project: Project): string | undefined {
  const said: readonly (readonly [string, RegExp])[] = [
    ['pyproject.toml', /^\[tool\.pytest\b/m],
    ['setup.cfg', /^\[tool:pytest\]/m],
    ['tox.ini', /^\[pytest\]/m],
  ];
  const own = project.first('pytest.ini', '.pytest.ini', 'pytest.toml');
  const section = said.find(([name, pattern]) => pattern.test(project.text(name)))?.[0];
  if (own ?? section) return own ?? section;
  if (!project.test('.py', TEST_FILE)) return undefined;
  if (project.has('conftest.py')) return 'conftest.py';
  if (project.has('tests/conftest.py')) return 'tests/conftest.py';
  const asking = [...project.names].filter((name) =>
    /^(?:pyproject\.toml|setup\.(?:cfg|py)|tox\.ini|Pipfile|requirements.*\.txt)$/.test(name),
  );
  return asking.sort().find((name) => /\bpytest\b/.test(project.text(name)));
}

export function pytest(project: Project): Detected[] {
  const file = isPython(project) ? pytestFile(project) : undefined;
  return file === undefined ? [] : [{ kind: 'test', command: `${fromSource(project)}${runs(project, 'pytest -q')}`, file }];
}

export function unittest(project: Project): Detected[] {
  if (!isPython(project) || pytestFile(project) !== undefined) return [];
  if (project.names.has('manage.py')) {
    const manage = `${python(project)} manage.py`;
    return project.test('.py') ? [{ kind: 'test', command: `${manage} test`, file: 'manage.py' }] : [];
  }
  const folder = ['tests', 'test'].find((one) => project.test('.py', new RegExp(`^${one}/(?:.*/)?test[^/]*$`)));
  const inRoot = project.first('test_*.py');
  const found = folder ?? (inRoot === undefined ? undefined : '.');
  if (found === undefined) return [];
  const where = found === '.' ? '' : project.has(`${found}/__init__.py`) ? ` -s ${found} -t .` : ` -s ${found}`;
  const command = `${fromSource(project)}${python(project)} -m unittest discover${where}`;
  return [{ kind: 'test', command, file: found === '.' ? inRoot! : found }];
}

/** Where a package lies in src/, `import` takes it from there only where it is installed so; otherwise another release that is. */
const fromSource = (project: Project) => (project.below('.py', /^src\/(?:[^/]+\/__init__|[^/]+)\.py$/) ? 'PYTHONPATH=src ' : '');

/** Only where nothing says how tests are run without them: each makes environments of its own, which needs the network. */
export function tox(project: Project): Detected[] {
  const isSetUp = /^\[(?:tox|testenv)\b/m.test(project.text('tox.ini')) || /^\[tool\.tox\b/m.test(project.text('pyproject.toml'));
  return isSetUp
    ? [{ kind: 'test', command: 'tox -q', file: project.names.has('tox.ini') ? 'tox.ini' : 'pyproject.toml', isFallback: true }]
    : [];
}

export function nox(project: Project): Detected[] {
  return project.names.has('noxfile.py') ? [{ kind: 'test', command: 'nox -R', file: 'noxfile.py', isFallback: true }] : [];
}

export function mypy(project: Project): Detected[] {
  const said: readonly (readonly [string, RegExp])[] = [
    ['mypy.ini', /^\[mypy\][^[]*^(?:files|packages)\s*=/m],
    ['pyproject.toml', /^\[tool\.mypy\][^[]*^(?:files|packages)\s*=/m],
    ['setup.cfg', /^\[mypy\][^[]*^(?:files|packages)\s*=/m],
  ];
  const file = said.find(([name, pattern]) => pattern.test(project.text(name)))?.[0];
  return file === undefined ? [] : [{ kind: 'types', command: runs(project, 'mypy'), file }];
}

export function ruff(project: Project): Detected[] {
  const own =
    project.first('ruff.toml', '.ruff.toml') ?? (/^\[tool\.ruff\b/m.test(project.text('pyproject.toml')) ? 'pyproject.toml' : undefined);
  return own === undefined ? [] : [{ kind: 'lint', command: runs(project, 'ruff check .'), file: own }];
}
