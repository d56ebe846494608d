// One page with every image, and what was found wrong beside it.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const safe = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** Writes `index.html` into the folder: a section per screen, its images in order, faults below them. */
export async function writeSheet(folder, shots) {
	const names = [...new Set(shots.map(({ name }) => name))].sort();
	const bad = shots.filter(({ found }) => found.length > 0).length;
	const sections = names.map((name) => {
		const own = shots.filter((shot) => shot.name === name);
		const figures = own.map(
			({ file, lang, theme, width, found }) => `<figure class="${found.length ? 'bad' : ''}">
<a href="${file}"><img src="${file}" loading="lazy" alt="" width="${Math.round(width / 4 + 90)}"></a>
<figcaption>${lang} ${theme} ${width}${found.map((line) => `<br>${safe(line)}`).join('')}</figcaption></figure>`
		);
		return `<section id="${safe(name)}"><h2>${safe(name)}</h2><div>${figures.join('\n')}</div></section>`;
	});
	const html = `<!doctype html>
<meta charset="utf-8"><title>Screens</title>
<style>
body { font: 14px/1.4 system-ui, sans-serif; margin: 24px; background: #f2f3f4; color: #171b1d; }
section > div { display: flex; flex-wrap: wrap; gap: 12px; align-items: flex-start; }
figure { margin: 0; max-width: 450px; } figcaption { font-size: 12px; color: #555; }
img { border: 1px solid #ccc; display: block; } .bad img { border: 2px solid #bf2626; } .bad figcaption { color: #bf2626; }
</style>
<h1>Screens</h1>
<p>${names.length} screens, ${shots.length} images, ${bad} with something wrong.</p>
${sections.join('\n')}
`;
	await writeFile(join(folder, 'index.html'), html);
}
