import type { Detected, Project } from './project.ts';
import { isPlaceholder, isSafe } from './read-script.ts';
import { testScriptIn } from './test-script.ts';

export function cargo(project: Project): Detected[] {
  const manifest = project.text('Cargo.toml');
  if (!project.names.has('Cargo.toml')) return [];
  const all = /^\[workspace\]/m.test(manifest) && /^\[package\]/m.test(manifest) ? ' --workspace' : '';
  return [{ kind: 'test', command: `cargo test${all}`, file: 'Cargo.toml' }];
}

export function go(project: Project): Detected[] {
  if (!project.names.has('go.mod')) return [];
  return [
    { kind: 'test', command: 'go test ./...', file: 'go.mod' },
    { kind: 'lint', command: 'go vet ./...', file: 'go.mod' },
  ];
}

const hasJvmTests = (project: Project) => ['.java', '.kt', '.groovy', '.scala'].some((ending) => project.test(ending) !== undefined);

/** Offline, as it would wait for an answer otherwise; not quietly, since its summary is what is read. */
export function maven(project: Project): Detected[] {
  if (!project.names.has('pom.xml') || !hasJvmTests(project)) return [];
  return [{ kind: 'test', command: `${project.names.has('mvnw') ? './mvnw' : 'mvn'} -B -o test`, file: 'pom.xml' }];
}

export function gradle(project: Project): Detected[] {
  const build = project.first('build.gradle', 'build.gradle.kts', 'settings.gradle', 'settings.gradle.kts');
  if (build === undefined || !hasJvmTests(project)) return [];
  return [{ kind: 'test', command: `${project.names.has('gradlew') ? './gradlew' : 'gradle'} test --offline`, file: build }];
}

export function dotnet(project: Project): Detected[] {
  const solutions = [...project.names].filter((name) => /^[\w.-]+\.slnx?$/.test(name)).sort();
  const projects = [...project.names].filter((name) => /^[\w.-]+\.(?:cs|fs|vb)proj$/.test(name)).sort();
  const [file, ...others] = [...solutions, ...projects];
  if (file === undefined || !['.cs', '.fs', '.vb'].some((ending) => project.test(ending))) return [];
  return [{ kind: 'test', command: others.length > 0 ? `dotnet test ${file}` : 'dotnet test', file }];
}

const MAKEFILES = ['GNUmakefile', 'makefile', 'Makefile'] as const;

interface MakeRule {
  readonly needs: readonly string[];
  readonly recipe: readonly string[];
}

/** By target; the first of a name counts. */
export function makeRules(makefile: string): Map<string, MakeRule> {
  const rules = new Map<string, MakeRule>();
  const lines = makefile.replaceAll('\\\n', ' ').split('\n');
  let recipe: string[] | null = null;
  for (const line of lines) {
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('\t')) {
      recipe?.push(line);
      continue;
    }
    recipe = [];
    const targets = /^[\w./-]+(?: +[\w./-]+)*(?=\s*::?(?!=))/.exec(line)?.[0];
    if (targets === undefined) continue;
    const [head = '', inline = ''] = line.slice(line.indexOf(':') + 1).split(';');
    recipe.push(inline);
    const rule = { needs: head.split(/\s+/).filter((word) => /^[\w-]+$/.test(word)), recipe };
    for (const target of targets.split(/ +/)) if (!rules.has(target)) rules.set(target, rule);
  }
  return rules;
}

/** The recipe of a target and of all that it depends on; null where there is none. */
export function recipeOf(rules: ReadonlyMap<string, MakeRule>, target: string): string | null {
  if (!rules.has(target)) return null;
  const reached = new Set([target]);
  for (const one of reached) for (const need of rules.get(one)?.needs ?? []) if (rules.has(need)) reached.add(need);
  const lines = [...new Set([...reached].map((one) => rules.get(one)!))].flatMap(({ recipe }) => recipe);
  return lines
    .map((line) => line.trim().replace(/^[@+-]+/, ''))
    .filter(Boolean)
    .join(' && ');
}

export function make(project: Project): Detected[] {
  const file = MAKEFILES.find((name) => project.names.has(name));
  if (file === undefined) return [];
  const rules = makeRules(project.text(file));
  const target = ['test', 'check'].find((name) => {
    const recipe = recipeOf(rules, name);
    return recipe !== null && isSafe(recipe) && (recipe === '' || !isPlaceholder(recipe));
  });
  return target === undefined ? [] : [{ kind: 'test', command: `make ${target}`, file, isFallback: true }];
}

/** Built outside of the tree, which may have a folder of that name. */
export function cmake(project: Project): Detected[] {
  const says = /\b(?:enable_testing|add_test|gtest_discover_tests|catch_discover_tests)\s*\(|include\s*\(\s*CTest\s*\)/i.test(
    project.text('CMakeLists.txt'),
  );
  if (!says) return [];
  const build = 'cmake -S . -B /tmp/build && cmake --build /tmp/build -j 2';
  return [{ kind: 'test', command: `${build} && ctest --test-dir /tmp/build --output-on-failure`, file: 'CMakeLists.txt' }];
}

const bundled = (project: Project, command: string) => (project.names.has('Gemfile') ? `bundle exec ${command}` : command);

export function rspec(project: Project): Detected[] {
  const file =
    project.first('.rspec', 'Gemfile', '*.gemspec', 'spec_helper.rb') ??
    (project.has('spec/spec_helper.rb') ? 'spec/spec_helper.rb' : undefined);
  return file !== undefined && project.test('_spec.rb') ? [{ kind: 'test', command: bundled(project, 'rspec'), file }] : [];
}

export function rake(project: Project): Detected[] {
  const file = project.first('Rakefile', 'rakefile', 'Rakefile.rb');
  if (file === undefined || !project.test('.rb', /(?:^|\/)test_[^/]*$|_test\.rb$/)) return [];
  const rails = project.has('bin/rails') && project.has('config/application.rb');
  const hasTask = /\bTestTask\b|\btask\s*\(?:?["']?test\b/.test(project.text(file));
  if (rails) return [{ kind: 'test', command: 'bin/rails test', file }];
  return hasTask ? [{ kind: 'test', command: bundled(project, 'rake test'), file }] : [];
}

export function php(project: Project): Detected[] {
  const script = testScriptIn(project.text('composer.json'), 'scripts');
  if (script !== undefined && isSafe(script)) return [{ kind: 'test', command: 'composer test', file: 'composer.json' }];
  if (project.has('tests/Pest.php')) return [{ kind: 'test', command: 'vendor/bin/pest', file: 'tests/Pest.php' }];
  const config = project.first('phpunit.xml', 'phpunit.xml.dist', 'phpunit.dist.xml');
  return config === undefined ? [] : [{ kind: 'test', command: 'vendor/bin/phpunit', file: config }];
}

export function mix(project: Project): Detected[] {
  return project.names.has('mix.exs') && project.test('_test.exs') ? [{ kind: 'test', command: 'mix test', file: 'mix.exs' }] : [];
}
