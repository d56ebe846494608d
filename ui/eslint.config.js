import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

// The arrows of the interface: ui, i18n <- shared <- features <- routes. Features never import another feature.
const features = '$lib/features/*';
const below = {
	i18n: ['$lib/ui/*', '$lib/ui', '$lib/ipc', '$lib/ipc/*', '$lib/shared/*', features],
	ui: ['$lib/ipc', '$lib/ipc/*', '$lib/shared/*', features],
	ipc: ['$lib/ui', '$lib/ui/*', '$lib/i18n', '$lib/i18n/*', '$lib/shared/*', features],
	shared: [features]
};

const onlyIpc = { group: ['@tauri-apps/*'], message: 'Only lib/ipc knows how the host is reached.' };
const onlyQueries = {
	group: ['$lib/ipc', '$lib/ipc/*'],
	importNames: ['commands', 'call'],
	message: 'Commands are called in queries.ts files.'
};
const noFeature = { group: [features], message: 'Features never import another feature: move it down to shared.' };
const arrow = (layer) => ({ group: below[layer], message: `lib/${layer} may not import from above.` });
const restrict = (...patterns) => ({ 'no-restricted-imports': ['error', { patterns }] });

export default ts.config(
	{ ignores: ['build', '.svelte-kit', 'static', 'src/lib/paraglide', 'src/lib/ipc/bindings.ts'] },
	...ts.configs.recommended,
	...svelte.configs.recommended,
	{ languageOptions: { globals: { ...globals.browser, ...globals.node } } },
	{
		files: ['**/*.svelte', '**/*.svelte.ts'],
		languageOptions: { parserOptions: { extraFileExtensions: ['.svelte'], parser: ts.parser, svelteConfig } }
	},
	{
		rules: {
			'@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
			eqeqeq: 'error',
			'no-undef': 'off',
			'no-console': 'error',
			// Pages live at the root of their host; there is no base path to resolve.
			'svelte/no-navigation-without-resolve': 'off',
			...restrict(onlyIpc, onlyQueries)
		}
	},
	{ files: ['src/lib/i18n/**'], rules: restrict(onlyIpc, arrow('i18n')) },
	{ files: ['src/lib/ui/**'], rules: restrict(onlyIpc, arrow('ui')) },
	{ files: ['src/lib/ipc/**'], rules: restrict(arrow('ipc')) },
	{ files: ['src/lib/shared/**'], rules: restrict(onlyIpc, onlyQueries, arrow('shared')) },
	{ files: ['src/lib/shared/**/queries.ts'], rules: restrict(onlyIpc, arrow('shared')) },
	{ files: ['src/lib/features/**'], rules: restrict(onlyIpc, onlyQueries, noFeature) },
	{ files: ['src/lib/features/**/queries.ts'], rules: restrict(onlyIpc, noFeature) },
	{ files: ['tests/**'], rules: { 'no-console': 'off' } }
);
