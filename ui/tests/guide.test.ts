// The user guide says what is there: every link and image resolves, every image is used, and what stands in bold is
// written so on the screen.
// @vitest-environment node
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const guide = resolve(import.meta.dirname, '../../docs/guide');
const languages = ['en', 'ru', 'uk'];
const pages = (language: string) =>
	readdirSync(join(guide, language))
		.filter((name) => name.endsWith('.md'))
		.sort();
const images = (language: string) => readdirSync(join(guide, language, 'img')).sort();
const text = (language: string, page: string) => readFileSync(join(guide, language, page), 'utf8');
const found = (source: string, pattern: RegExp) => [...source.matchAll(pattern)].map((one) => one[1] ?? '');

/** Every text a message may show, without the values put in. */
function said(language: string): Set<string> {
	const folder = resolve(import.meta.dirname, '../messages', language);
	const texts: string[] = [];
	for (const name of readdirSync(folder)) {
		const take = (value: unknown): void => {
			if (typeof value === 'string') texts.push(value);
			else if (typeof value === 'object' && value !== null) Object.values(value).forEach(take);
		};
		take(JSON.parse(readFileSync(join(folder, name), 'utf8')));
	}
	// Of «Синхронизировано в {time}» the guide says «Синхронизировано».
	return new Set(texts.flatMap((one) => [one, one.replace(/(?:,| [вoоoіat]+)? ?\{\w+\}.*$/u, '')]));
}

describe.each(languages)('the user guide in %s', (language) => {
	it('has the pages of the others, each of readable length', () => {
		expect(pages(language)).toEqual(pages('en'));
		for (const page of pages(language)) expect(text(language, page).split('\n').length, page).toBeLessThan(120);
	});

	it('links only to pages there are, and to each from its contents', () => {
		for (const page of pages(language)) {
			for (const link of found(text(language, page), /(?<!!)\[[^\]]+\]\(([^)]+)\)/g)) {
				expect(existsSync(join(guide, language, link)), `${page} → ${link}`).toBe(true);
			}
		}
		const contents = found(text(language, 'index.md'), /\]\(([^)]+)\)/g);
		expect(contents.sort()).toEqual(pages(language).filter((page) => page !== 'index.md'));
	});

	it('shows images there are, each of them somewhere, none of them large', () => {
		const shown = pages(language).flatMap((page) => found(text(language, page), /!\[[^\]]+\]\(img\/([^)]+)\)/g));
		expect(shown.sort()).toEqual(images(language));
		for (const image of images(language)) {
			expect(statSync(join(guide, language, 'img', image)).size, image).toBeLessThanOrEqual(60 * 1024);
		}
	});

	it('calls things as the screen does', () => {
		const words = said(language);
		for (const page of pages(language)) {
			for (const bold of found(text(language, page), /\*\*([^*]+)\*\*/g)) {
				expect(words.has(bold.replace(/\s+/g, ' ')), `${page}: ${bold}`).toBe(true);
			}
		}
	});
});
