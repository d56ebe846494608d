// Turns the user guide (docs/guide) into what Help shows: a file of HTML per page beside the app, with its images.
// Nothing is rendered on a device, and nothing is fetched from anywhere else.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Marked } from 'marked';

const source = resolve(import.meta.dirname, '../docs/guide');
const target = resolve(import.meta.dirname, 'static/guide');

rmSync(target, { recursive: true, force: true });
for (const language of readdirSync(source)) {
	const folder = join(source, language);
	mkdirSync(join(target, language), { recursive: true });
	for (const name of readdirSync(folder).filter((one) => one.endsWith('.md'))) {
		const page = render(language, readFileSync(join(folder, name), 'utf8'));
		writeFileSync(join(target, language, name.replace(/\.md$/, '.json')), JSON.stringify(page));
	}
	if (existsSync(join(folder, 'img'))) cpSync(join(folder, 'img'), join(target, language, 'img'), { recursive: true });
}

/** A page as Help shows it: its title apart, links into Help, images from beside it. */
function render(language, text) {
	let title = '';
	const marked = new Marked({
		walkTokens(token) {
			if (token.type === 'heading' && token.depth === 1) title = token.text;
			if (token.type === 'link' && /^[a-z]+\.md$/.test(token.href)) {
				token.href = `/help/${token.href.slice(0, -3)}`.replace(/index$/, '');
			}
			if (token.type === 'image') token.href = `/guide/${language}/${token.href}`;
		},
		renderer: { heading: (token) => (token.depth === 1 ? '' : false) }
	});
	return { html: marked.parse(text), title };
}
