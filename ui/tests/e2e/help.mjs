// Help: its states for axe, and that it is there in the language of the screen.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { openPage } from './browser.mjs';
import { languages, spoken, t } from './words.mjs';

/** How many pages the guide has beside its contents. */
const pages = readdirSync(resolve(import.meta.dirname, '../../../docs/guide/en')).filter(
	(name) => name.endsWith('.md') && name !== 'index.md'
).length;

/** States of Help. */
export function helpStates() {
	const page = (name, path) => ({
		name,
		device: 'phone',
		path,
		shows: (of) => of.locator('main article')
	});
	return [
		page('help', '/help'),
		page('help, a page', '/help/offline'),
		{
			name: 'help, a page there is not',
			device: 'phone',
			path: '/help/nothing',
			shows: (of) => of.getByText(t('help_missing'))
		},
		{
			name: 'keys',
			device: 'desk',
			path: '/clients',
			async act(of) {
				await of.locator('[data-index] a').first().waitFor();
				await of.keyboard.press('Shift+Slash');
			},
			shows: (of) => of.getByRole('dialog').getByText(t('frame_keys_tick'), { exact: true })
		}
	];
}

/** Reads the guide. */
export async function helpJourneys({ browser, story, test }) {
	const { office, phone } = story;
	await test('help is read in every language, with its images, also without the server', async () => {
		await office.leave();
		try {
			const page = await openPage(browser, phone, 360);
			for (const language of languages) {
				await phone.command('change_settings', { language });
				await page.goto(phone.at('/help'));
				const links = page.locator('article a');
				await links.first().waitFor();
				assert.equal(await links.count(), pages);
				await links.first().click();
				const image = page.locator('article img').first();
				await image.waitFor();
				assert.ok(await image.evaluate((one) => one.decode().then(() => one.naturalWidth > 0)));
				assert.equal(await page.locator('article').getAttribute('lang'), language);
			}
			await page.context().close();
		} finally {
			await phone.command('change_settings', { language: spoken() });
			await office.comeBack();
		}
		await phone.synced();
	});
}
