/** Fix commits of public repositories, one a kind of project, whose tests need nothing but their tools and, for JavaScript, npm. */

export interface PublicRepository {
  readonly kind: string;
  /** On GitHub. */
  readonly name: string;
  /** The commit that is the good work; its parent is the base. */
  readonly fix: string;
  readonly needs: readonly string[];
  /** Outside, before the delegation, as its user would. */
  readonly install?: string;
  /** What makes bad work of the good one: a few characters of a file that the fix changes. */
  readonly broken: { readonly file: string; readonly from: string; readonly to: string };
  /** Those that must be found. */
  readonly checks: readonly string[];
}

export const PUBLIC_REPOSITORIES: readonly PublicRepository[] = [
  {
    kind: 'Go',
    name: 'gorilla/mux',
    fix: '2b030fc311d07b8c5950807800b03b2d32a7142c',
    needs: ['go'],
    broken: { file: 'route.go', from: 'ErrNotFound', to: 'ErrMethodMismatch' },
    checks: ['go test ./...', 'go vet ./...'],
  },
  {
    kind: 'Rust',
    name: 'RazrFalcon/pico-args',
    fix: 'cfc40e4766f8b492df7da7a223f0568bb999c6db',
    needs: ['cargo', 'cc'],
    broken: { file: 'src/lib.rs', from: 's != "-"', to: 's == "-"' },
    checks: ['cargo test'],
  },
  {
    kind: 'Python',
    name: 'hukkin/tomli',
    fix: '4e245a4bbbefed99e550e196095ea65c851cf31d',
    needs: ['python3'],
    broken: { file: 'src/tomli/_parser.py', from: 'TypeError(', to: 'ValueError(' },
    checks: ['PYTHONPATH=src python3 -m unittest discover -s tests -t .'],
  },
  {
    kind: 'TypeScript, npm',
    name: 'jshttp/cookie',
    fix: '8e48f21706cc6f126d9c1da2051d4038a7b5e2d1',
    needs: ['npm'],
    install: 'npm ci --ignore-scripts --no-audit --no-fund',
    broken: { file: 'src/index.ts', from: '"; "', to: '";"' },
    checks: ['npm test', 'npx tsc --noEmit'],
  },
  {
    kind: 'C, CMake',
    name: 'DaveGamble/cJSON',
    fix: 'a78d975537a8df40d58a96f8ce326d7fb625e1e5',
    needs: ['cmake', 'cc'],
    broken: { file: 'cJSON.c', from: 'item == NULL', to: 'item != NULL' },
    checks: ['cmake -S . -B /tmp/build && cmake --build /tmp/build -j 2 && ctest --test-dir /tmp/build --output-on-failure'],
  },
  {
    kind: 'JavaScript, npm',
    name: 'expressjs/cors',
    fix: '01477dc2ecf8379aaec706f8e721760027bb7780',
    needs: ['npm'],
    install: 'npm install --ignore-scripts --no-audit --no-fund',
    broken: { file: 'lib/index.js', from: 'Access-Control-Max-Age', to: 'Access-Control-Age' },
    checks: ['npm test'],
  },
];
