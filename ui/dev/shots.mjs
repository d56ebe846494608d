// Pictures of screens: node dev/shots.mjs URL OUT [filter]; env LANGS=ru THEMES=light,dark WIDTHS=360,768,1440
import { chromium } from 'playwright-core';
import { mkdirSync } from 'node:fs';
const [url, out, filter = ''] = process.argv.slice(2);
const list = (name, usual) => (process.env[name] ?? usual).split(',');
mkdirSync(out, { recursive: true });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
const post = (page, name, body) => page.evaluate(([n, b]) => fetch('/ipc/' + n, { method: 'POST', body: JSON.stringify(b), headers: { 'content-type': 'application/json' } }).then((r) => r.json()), [name, body]);
const heights = { 360: 740, 320: 640, 768: 1024, 1280: 800, 1440: 900 };
for (const width of list('WIDTHS', '360,768,1440').map(Number)) for (const theme of list('THEMES', 'light,dark')) for (const language of list('LANGS', 'ru')) {
  const context = await browser.newContext({ viewport: { width, height: heights[width] ?? 900 }, hasTouch: width < 768, isMobile: width < 768, deviceScaleFactor: width < 768 ? 2 : 1 });
  const page = await context.newPage();
  page.on('pageerror', (e) => console.log('pageerror', e.message));
  page.on('console', (m) => m.type() === 'error' && console.log('console', m.text()));
  await page.goto(url); await post(page, 'change_settings', { language, theme });
  const first = (await post(page, 'list', { kind: 'client', scope: 'all', conditions: [{field:'city',op:'filled',value:''}], text: process.env.TEXT ?? 'колос', sort: [], offset: 0, limit: 1 })).rows[0];
  const shots = {
    today: ['/'], clients: ['/clients?scope=all'], client: [`/clients/${first.id}?scope=all`], interactions: ['/interactions'], settings: ['/settings'], new: ['/clients/new'], more: ['/more'],
    team: ['/team'], review: ['/review'], proposals: ['/proposals'], devices: ['/devices'], sync: ['/sync'],
    quick: ['/', async () => { await page.keyboard.press('c'); }], search: ['/', async () => { await page.keyboard.press('Control+k'); await page.keyboard.type('колос'); }],
    result: ['/', async () => { await page.locator('div.group button').first().click(); }], keys: ['/', async () => { await page.keyboard.press('?'); }],
    move: [`/clients/${first.id}?scope=all`, async () => { await page.keyboard.press('h'); }], handover: ['/', async () => { await page.locator('div.group [aria-haspopup=menu]').first().click(); await page.locator('[role=menuitem]').nth(2).click(); }],
    edit: [`/clients/${first.id}?scope=all`, async () => { await page.locator('[data-facts] button').nth(2).click(); }], syncpop: ['/', async () => { await page.locator('[aria-haspopup=dialog]').first().click(); }]
  };
  for (const [name, [path, act]] of Object.entries(shots)) {
    if (filter && !filter.split(',').includes(name)) continue;
    await page.goto(new URL(path, url).href); await page.waitForTimeout(700);
    try { await act?.(); } catch (e) { console.log(name, e.message.split('\n')[0]); }
    await page.waitForTimeout(500);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (over > 0) console.log('sideways', name, width, over);
    await page.screenshot({ path: `${out}/${name}-${width}-${theme}-${language}.png` });
  }
  await context.close();
}
await browser.close();
