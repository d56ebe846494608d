import { chromium } from 'playwright-core';
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
const shot = async (name, width, url, act) => { const c = await browser.newContext({ viewport: { width, height: width < 768 ? 740 : 900 }, hasTouch: width < 768, isMobile: width < 768 }); const p = await c.newPage(); p.on('pageerror', (e) => console.log(e.message)); await p.goto(url); await p.waitForTimeout(800); await act?.(p); await p.waitForTimeout(600); await p.screenshot({ path: `/tmp/shots/${name}-${width}.png` }); await c.close(); };
for (const w of [360, 1440]) {
  await shot('welcome', w, 'http://127.0.0.1:4182/');
  await shot('welcome-local', w, 'http://127.0.0.1:4182/', (p) => p.getByRole('button', { name: 'Попробовать без сервера' }).click());
  await shot('keymissing', w, 'http://127.0.0.1:4183/');
  await shot('empty', w, 'http://127.0.0.1:4184/');
  await shot('selected', w, 'http://127.0.0.1:4181/clients?scope=all&category=x', async (p) => { await p.goto('http://127.0.0.1:4181/clients?scope=all&status=active'); await p.waitForTimeout(500); const boxes = p.locator('[role=row] input[type=checkbox]'); await boxes.nth(2).click({ force: true }); await boxes.nth(3).click({ force: true }); });
  await shot('movecheck', w, 'http://127.0.0.1:4181/clients?scope=all', async (p) => { const boxes = p.locator('[role=row] input[type=checkbox]'); await boxes.nth(2).click({ force: true }); await boxes.nth(4).click({ force: true }); await p.getByRole('button', { name: 'Передать коллеге' }).click(); await p.locator('label', { hasText: 'Анна Лебедева' }).click(); await p.getByRole('button', { name: 'Болезнь' }).click(); await p.getByRole('button', { name: 'Что изменится' }).click(); });
}
await shot('firstsync', 360, 'http://127.0.0.1:4182/', async (p) => { await p.getByLabel('Ссылка из офиса').fill('http://x/y'); await p.getByLabel('Пароль', { exact: true }).fill('пароль12'); await p.getByRole('button', { name: 'Подключить' }).click(); });
await browser.close();
