// axe over the screens of a running host: node dev/axe.mjs URL
import { chromium } from 'playwright-core';
import { AxeBuilder } from '@axe-core/playwright';
const url = process.argv[2];
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
const post = (page, name, body) => page.evaluate(([n, b]) => fetch('/ipc/' + n, { method: 'POST', body: JSON.stringify(b), headers: { 'content-type': 'application/json' } }).then((r) => r.json()), [name, body]);
let bad = 0;
for (const width of [360, 1440]) for (const theme of ['light', 'dark']) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, hasTouch: width < 768, isMobile: width < 768, reducedMotion: 'reduce' });
  const page = await context.newPage();
  await page.goto(url); await post(page, 'change_settings', { language: 'ru', theme });
  const first = (await post(page, 'list', { kind: 'client', scope: 'all', conditions: [], text: process.env.TEXT ?? 'колос', sort: [], offset: 0, limit: 1 })).rows[0];
  const card = `/clients/${first.id}?scope=all`;
  const states = { today: ['/'], clients: ['/clients?scope=all'], client: [card], interactions: ['/interactions'], settings: ['/settings'], new: ['/clients/new'], more: ['/more'], nowhere: ['/nope'], team: ['/team'], review: ['/review'], proposals: ['/proposals'], devices: ['/devices'], sync: ['/sync'],
    quick: ['/', () => page.keyboard.press('c')], search: ['/', async () => { await page.keyboard.press('Control+k'); await page.keyboard.type('колос'); }], keys: ['/', () => page.keyboard.press('?')],
    result: ['/', () => page.locator('div.group button').first().click()], move: [card, () => page.keyboard.press('h')], menu: ['/', () => page.locator('div.group [aria-haspopup=menu]').first().click()],
    edit: [card, () => page.locator('[data-facts] button').first().click()], person: [card, () => page.locator('[aria-labelledby=persons-title] li button').first().click()] };
  for (const [name, [path, act]] of Object.entries(states)) {
    if (process.argv[3] && !process.argv[3].split(',').includes(name)) continue;
    await page.goto(new URL(path, url).href); await page.waitForTimeout(600);
    try { await act?.(); } catch (e) { console.log(name, e.message.split('\n')[0]); } await page.waitForTimeout(400);
    const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
    for (const v of violations) { bad++; console.log(width, theme, name, v.id, v.nodes.length, v.nodes.slice(0, 2).map((n) => n.target.join(' ') + ' :: ' + n.html.slice(0, 160) + ' :: ' + (n.any[0]?.message ?? n.all[0]?.message ?? n.none[0]?.message ?? '')).join('\n      ')); }
  }
  await context.close();
}
console.log('violations', bad);
await browser.close();
