// Help: its states for axe, and that it is there in the language of the screen.
import assert from 'node:assert/strict';
import { openPage } from './browser.mjs';
import { languages, t } from './words.mjs';

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
		const page = await openPage(browser, phone, 360);
		for (const language of [...languages, 'ru']) {
			await phone.command('change_settings', { language });
			await page.goto(phone.at('/help'));
			const links = page.locator('article a');
			await links.first().waitFor();
			assert.equal(await links.count(), 14);
			await links.first().click();
			const image = page.locator('article img').first();
			await image.waitFor();
			assert.ok(await image.evaluate((one) => one.decode().then(() => one.naturalWidth > 0)));
			assert.equal(await page.locator('article').getAttribute('lang'), language);
		}
		await page.context().close();
		await office.comeBack();
		await phone.synced();
	});
}
