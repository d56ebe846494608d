// A stand-in for the browser host while that is being built. Everything is made up and in memory.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { join, extname } from 'node:path';
import { more } from './fake-more.mjs';
const port = Number(process.argv[2] ?? 4180);
const mode = process.env.FAKE ?? 'supervisor';
const root = new URL('../build', import.meta.url).pathname;
let seed = 7;
const rnd = () => { seed = (seed + 0x6d2b79f5) | 0; let t = Math.imul(seed ^ (seed >>> 15), 1 | seed); t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t; return ((t ^ (t >>> 14)) >>> 0) / 4294967296; };
const pick = (a) => a[Math.floor(rnd() * a.length)];
const id = () => { const h = () => Math.floor(rnd() * 65536).toString(16).padStart(4, '0'); return `0193${h()}-${h()}-7${h().slice(1)}-8${h().slice(1)}-${h()}${h()}${h()}`; };
const H = 3600e3, D = 24 * H;
const iso = (t) => new Date(t).toISOString().replace(/\.\d+Z/, 'Z');
const now = () => Date.now();
const dep = [{ id: id(), name: 'Отдел продаж' }, { id: id(), name: 'Северный филиал' }];
const mk = (name, role, d) => ({ id: id(), name, role, department: dep[d].id, department_name: dep[d].name, active: true });
const people = [mk('Ольга Руденко', 'supervisor', 0), mk('Иван Кравец', 'rep', 0), mk('Анна Лебедева', 'rep', 0), mk('Тарас Білик', 'rep', 0), mk('Михаил Соколов', 'rep', 1), mk('Ганна Ємець', 'rep', 1), mk('Пётр Власов', 'supervisor', 1), mk('Константин Преображенский', 'rep', 0)];
const me = mode === 'rep' ? people[1] : people[0];
const cats = ['Розница', 'Опт', 'Сеть', 'HoReCa'].map((name) => ({ id: id(), name }));
const regs = ['Центр', 'Левый берег', 'Правый берег', 'Область'].map((name) => ({ id: id(), name }));
const w1 = ['Продукты', 'Гастроном', 'Магазин', 'Аптека', 'Пекарня', 'Кафе', 'Ресторан', 'Оптовая база', 'Супермаркет', 'Склад'];
const w2 = ['Берёзка', 'На Садовой', 'Колос', 'Днипро', 'У Михалыча', 'Заря', 'Світанок', 'Ясна', 'Каравай', 'Лакомка', 'Восток', 'Сонечко', 'Барвінок', 'Надежда', 'Маяк'];
const surn = ['Петренко', 'Иванова', 'Шевчук', 'Смирнов', 'Ковальчук', 'Орлова', 'Мельник', 'Зайцев', 'Гаврилюк'];
const nam = ['Олег', 'Марина', 'Тарас', 'Светлана', 'Юрий', 'Наталья', 'Богдан', 'Ірина'];
const store = new Map();
const rec = (kind, client, fields, extra = {}) => { const r = { id: id(), kind, client, fields, unsent: false, unsent_fields: [], reviews: [], trashed: false, created_at: iso(now() - rnd() * 400 * D), ...extra }; store.set(r.id, r); return r; };
for (const c of cats) { const r = rec('client_category', null, { name: c.name }); store.delete(r.id); r.id = c.id; store.set(c.id, r); }
for (const c of regs) { const r = rec('business_region', null, { name: c.name }); store.delete(r.id); r.id = c.id; store.set(c.id, r); }
const subjects = ['Обсудить новый прайс', 'Выкладка в торговом зале', 'Сверка взаиморасчётов', 'Презентация новинок', 'Заказ на следующую неделю', 'Вернуть подписанный договор', 'Узнать остатки', ''];
const results = ['Договорились о пробной поставке двух паллет, вернуться с графиком.', 'Не застал, перезвонить после обеда.', 'Просят отсрочку 14 дней, обещал узнать.', 'Заказ принят, отправил в офис.', ''];
const channels = ['meeting', 'visit', 'call', 'email', 'sms', 'open'];
for (let i = 0; i < 600; i++) {
  const resp = rnd() < 0.25 ? me : pick(people.filter((p) => p.role === 'rep'));
  const name = `${pick(w1)} «${pick(w2)}»${rnd() < 0.3 ? ' ' + (1 + Math.floor(rnd() * 40)) : ''}`;
  const ent = (value, label) => ({ entry: id(), value, label, title: '', removed: false });
  const c = rec('client', null, { name, status: pick(['prospect', 'active', 'active', 'active', 'paused', 'former']), category: pick(cats), region: pick(regs), is_client: true, phones: [ent('+380 44 ' + (100 + Math.floor(rnd() * 900)) + '-' + (10 + Math.floor(rnd() * 89)) + '-' + (10 + Math.floor(rnd() * 89)), 'work'), ...(rnd() < 0.5 ? [ent('+7 921 555-12-' + (10 + Math.floor(rnd() * 89)), 'mobile')] : [])], emails: rnd() < 0.6 ? [ent(`zakaz${i}@example.org`, '')] : [], city: pick(['Київ', 'Санкт-Петербург', 'Львів', 'Минск', 'Бровари']), address: `ул. ${pick(['Садовая', 'Центральная', 'Миру', 'Лесная'])}, ${1 + Math.floor(rnd() * 90)}`, contact_every: pick([7, 14, 30]), note: rnd() < 0.5 ? 'Заезжать со двора, разгрузка до 11:00. Любит, когда звонят заранее. ' + results[2] : null });
  c.responsible = resp;
  if (i % 37 === 5) { c.unsent = true; c.unsent_fields = ['city']; }
  if (i % 97 === 3) c.reviews = [{ field: 'address', values: [{ value: c.fields.address, author: 'Иван Кравец', device: 'Телефон Ивана', at: iso(now() - 5 * H) }, { value: 'ул. Новая, 1', author: me.name, device: 'Ноутбук', at: iso(now() - 4 * H) }] }];
  rec('legal_entity', c.id, { registered_name: `ООО «${pick(w2)}-Торг»`, entity_kind: 'legal_entity', country: 'ua', tax_number: String(10000000 + Math.floor(rnd() * 89999999)) });
  for (let k = 0; k < 1 + rnd() * 2; k++) rec('person', c.id, { name: `${pick(nam)} ${pick(surn)}`, position: pick(['Директор', 'Товаровед', 'Бухгалтер', 'Заведующая']), phones: [ent('+380 67 ' + (100 + Math.floor(rnd() * 900)) + '-22-33', 'mobile')] });
  for (let k = 0; k < 5; k++) {
    const held = k < 4;
    const at = held ? now() - rnd() * 120 * D : now() + (rnd() * 9 - 3) * D;
    const d = new Date(at); d.setMinutes(rnd() < 0.5 ? 0 : 30, 0, 0); d.setHours(8 + Math.floor(rnd() * 10)); if (!held && rnd() < 0.2) d.setHours(0, 0);
    if (!held && rnd() < 0.55) continue;
    const r = rec('interaction', c.id, { channel: pick(channels), state: held ? 'held' : 'planned', subject: pick(subjects), description: '', starts_at: iso(d), outcome: held ? pick(['reached', 'agreed', 'refused', 'call_back']) : null, result: held ? pick(results) : null });
    r.assigned = resp; r.contactor = held ? resp : null; r.hand_overs = !held && rnd() < 0.1 ? [{ from: people[2], to: resp, by: people[0], at: iso(now() - D), comment: 'Выручи, пожалуйста' }] : [];
    r.unsent = rnd() < 0.04;
  }
}
const all = (kind) => [...store.values()].filter((r) => r.kind === kind && !r.trashed);
const titleOf = (r) => r ? (r.fields.name ?? r.fields.registered_name ?? r.fields.subject ?? '') : '';
const ref = (i) => i && store.get(i) ? { id: i, title: titleOf(store.get(i)) } : null;
const refs = (f) => { const o = {}; for (const [k, v] of Object.entries(f)) if (v !== null && v !== '' && v !== undefined) o[k] = v && typeof v === 'object' && !Array.isArray(v) ? { id: v.id, title: v.title ?? v.name ?? '' } : v; return o; };
const lastOf = (c) => all('interaction').filter((r) => r.client === c.id && r.fields.state === 'held').map((r) => r.fields.starts_at).sort().at(-1);
const nextOf = (c) => all('interaction').filter((r) => r.client === c.id && r.fields.state === 'planned').map((r) => r.fields.starts_at).sort()[0];
for (const c of all('client')) { c.fields.last_contact = lastOf(c) ?? null; c.fields.next_contact = nextOf(c) ?? null; }
const row = (r) => ({ id: r.id, kind: r.kind, title: titleOf(r), client: r.client ? ref(r.client) : null, fields: { ...refs(r.fields), ...(r.responsible ? { responsible: { id: r.responsible.id, title: r.responsible.name } } : {}) }, unsent: r.unsent, n_reviews: r.reviews.length });
const view = (r) => ({ ...row(r), access: 'write', unsent_fields: r.unsent_fields, reviews: r.reviews.map((v) => ({ ...v, id: r.id, kind: r.kind, title: titleOf(r), client: ref(r.client ?? r.id) })), trashed: r.trashed, created_at: r.created_at });
const cls = (r) => { if (r.fields.state !== 'planned') return 'closed'; const t = new Date(r.fields.starts_at), n = new Date(); const midnight = t.getHours() === 0 && t.getMinutes() === 0; const today = t.toDateString() === n.toDateString(); if (midnight) { if (today) return 'current'; return t < n ? 'overdue' : 'planned'; } if (t < n) return 'overdue'; return today ? 'current' : 'planned'; };
const irow = (r) => ({ id: r.id, channel: r.fields.channel, state: r.fields.state, subject: r.fields.subject ?? '', description: r.fields.description ?? '', starts_at: r.fields.starts_at ?? null, ends_at: null, outcome: r.fields.outcome ?? '', result: r.fields.result ?? '', next_contact: r.fields.next_contact ?? null, class: cls(r), client: ref(r.client), persons: [], assigned: r.assigned ?? null, contactor: r.contactor ?? null, hand_overs: r.hand_overs ?? [], pending_to: r.pending_to ?? null, unsent: r.unsent, n_reviews: 0 });
const F = (key, label, type, o = {}) => ({ key, label, type, many: false, required: false, in_list: false, leading: false, source: 'document', target: '', choices: [], ...o });
const L = { en: 0, ru: 1, uk: 2 };
const C = (l, ...xs) => xs.map(([value, ...t]) => ({ value, label: t[l] }));
function declarations({ language }) {
  const l = L[language] ?? 0; const t = (...x) => x[l];
  return { language, kinds: [
    { key: 'client', label: t('Client', 'Клиент', 'Клієнт'), label_many: t('Clients', 'Клиенты', 'Клієнти'), title: 'name', under_client: false, fields: [
      F('name', t('Name', 'Название', 'Назва'), 'text', { required: true, in_list: true }),
      F('status', t('Status', 'Статус', 'Статус'), 'choice', { in_list: true, leading: true, choices: C(l, ['prospect', 'Prospect', 'Потенциальный', 'Потенційний'], ['active', 'Active', 'Действующий', 'Чинний'], ['paused', 'Paused', 'Приостановлен', 'Призупинено'], ['former', 'Former', 'Бывший', 'Колишній']) }),
      F('category', t('Category', 'Категория', 'Категорія'), 'reference', { in_list: true, target: 'client_category', leading: true }),
      F('region', t('Region', 'Регион', 'Регіон'), 'reference', { in_list: true, target: 'business_region' }),
      F('is_client', t('Client', 'Клиент', 'Клієнт'), 'bool'), F('is_supplier', t('Supplier', 'Поставщик', 'Постачальник'), 'bool'), F('is_other', t('Other partner', 'Прочее', 'Інше'), 'bool'),
      F('phones', t('Phones', 'Телефоны', 'Телефони'), 'phone', { many: true, leading: true }), F('emails', t('E-mail', 'Эл. почта', 'Ел. пошта'), 'email', { many: true }), F('website', t('Website', 'Сайт', 'Сайт'), 'url'),
      F('city', t('City', 'Город', 'Місто'), 'text', { in_list: true }), F('address', t('Address', 'Адрес', 'Адреса'), 'text', { leading: true }), F('source', t('Source', 'Источник', 'Джерело'), 'text'),
      F('contact_every', t('Contact every, days', 'Контакт раз в, дней', 'Контакт раз на, днів'), 'int'), F('note', t('Note', 'Заметка', 'Нотатка'), 'note'),
      F('responsible', t('Responsible', 'Ответственный', 'Відповідальний'), 'user', { source: 'authority', in_list: true }), F('last_contact', t('Last contact', 'Последний контакт', 'Останній контакт'), 'instant', { source: 'computed', in_list: true }), F('next_contact', t('Next contact', 'Следующий контакт', 'Наступний контакт'), 'instant', { source: 'computed', in_list: true })] },
    { key: 'person', label: t('Contact person', 'Контактное лицо', 'Контактна особа'), label_many: t('Contact persons', 'Контактные лица', 'Контактні особи'), title: 'name', under_client: true, fields: [F('name', t('Name', 'Имя', 'Ім’я'), 'text', { required: true }), F('position', t('Position', 'Должность', 'Посада'), 'text', { leading: true }), F('phones', t('Phones', 'Телефоны', 'Телефони'), 'phone', { many: true, leading: true }), F('emails', t('E-mail', 'Эл. почта', 'Ел. пошта'), 'email', { many: true }), F('birthday', t('Birthday', 'День рождения', 'День народження'), 'day'), F('note', t('Note', 'Заметка', 'Нотатка'), 'note')] },
    { key: 'legal_entity', label: t('Legal entity', 'Контрагент', 'Контрагент'), label_many: t('Legal entities', 'Контрагенты', 'Контрагенти'), title: 'registered_name', under_client: true, fields: [F('registered_name', t('Registered name', 'Полное название', 'Повна назва'), 'text', { required: true }), F('entity_kind', t('Kind', 'Вид', 'Вид'), 'choice', { choices: C(l, ['legal_entity', 'Company', 'Юрлицо', 'Юрособа'], ['sole_trader', 'Sole trader', 'ИП', 'ФОП'], ['natural_person', 'Person', 'Физлицо', 'Фізособа']) }), F('country', t('Country', 'Страна', 'Країна'), 'choice', { choices: C(l, ['ru', 'Russia', 'Россия', 'Росія'], ['ua', 'Ukraine', 'Украина', 'Україна'], ['by', 'Belarus', 'Беларусь', 'Білорусь'], ['kz', 'Kazakhstan', 'Казахстан', 'Казахстан'], ['other', 'Other', 'Другая', 'Інша']) }), F('tax_number', t('Tax number', 'ИНН', 'Податковий номер'), 'text', { leading: true }), F('registry_number', t('Registry number', 'ОГРН', 'ЄДРПОУ'), 'text'), F('branch_number', t('Branch number', 'КПП', 'КПП'), 'text'), F('legal_address', t('Legal address', 'Юридический адрес', 'Юридична адреса'), 'text'), F('account', t('Account', 'Счёт', 'Рахунок'), 'text'), F('note', t('Note', 'Заметка', 'Нотатка'), 'note')] },
    { key: 'interaction', label: t('Activity', 'Взаимодействие', 'Взаємодія'), label_many: t('Activities', 'Взаимодействия', 'Взаємодії'), title: 'subject', under_client: true, fields: [F('channel', t('Channel', 'Канал', 'Канал'), 'choice', { choices: C(l, ['meeting', 'Meeting', 'Встреча', 'Зустріч'], ['call', 'Call', 'Звонок', 'Дзвінок']) }), F('subject', t('Subject', 'Тема', 'Тема'), 'text'), F('description', t('Description', 'Описание', 'Опис'), 'memo'), F('starts_at', t('Begins', 'Начало', 'Початок'), 'instant'), F('result', t('Result', 'Результат', 'Результат'), 'memo')] },
    { key: 'business_region', label: t('Region', 'Регион', 'Регіон'), label_many: t('Regions', 'Регионы', 'Регіони'), title: 'name', under_client: false, fields: [F('name', t('Name', 'Название', 'Назва'), 'text', { required: true })] },
    { key: 'client_category', label: t('Category', 'Категория', 'Категорія'), label_many: t('Categories', 'Категории', 'Категорії'), title: 'name', under_client: false, fields: [F('name', t('Name', 'Название', 'Назва'), 'text', { required: true })] }
  ] };
}
const sync = { state: process.env.SYNC ?? 'offline', synced_at: iso(now() - 9 * 60e3), contact_at: iso(now() - 9 * 60e3), n_done: 0, n_planned: 0, n_waiting: 3, n_attention: 1, last_error: '' };
let status = { phase: mode === 'new' ? 'new' : (process.env.PHASE ?? 'ready'), me, organisation: 'Торговый дом «Днипро»', device: 'Ноутбук', local_only: false, language: process.env.LANGUAGE ?? 'ru', theme: process.env.THEME ?? 'system', version: '0.1.0', sync, n_reviews: 7, n_proposals: 2, n_notices: 1 };
const drafts = {};
const listeners = new Set();
const changed = (...topics) => { for (const l of listeners) l.write(`data: ${JSON.stringify(topics)}\n\n`); };
class Fail extends Error { constructor(code, params = {}, fields = {}) { super(code); this.body = { code, kind: 'fix', params, fields }; } }
const fold = (s) => String(s ?? '').toLowerCase().replaceAll('ё', 'е').replaceAll('ґ', 'г');
const plain = (v) => v === null || v === undefined ? '' : Array.isArray(v) ? v.map((e) => e.value).join(' ') : typeof v === 'object' ? v.id : String(v);
const textOf = (r) => fold(Object.values(r.fields).map((v) => v && typeof v === 'object' && !Array.isArray(v) ? v.title ?? v.name : plain(v)).join(' '));
function filtered(q) {
  let rows = all(q.kind);
  if (q.client) rows = rows.filter((r) => r.client === q.client);
  const owner = (r) => r.responsible ?? r.assigned;
  if (q.scope === 'mine') rows = rows.filter((r) => owner(r)?.id === me.id || !owner(r));
  if (q.scope === 'staff') rows = rows.filter((r) => owner(r) && owner(r).department === me.department && owner(r).id !== me.id);
  if (q.user) rows = rows.filter((r) => owner(r)?.id === q.user);
  for (const c of q.conditions ?? []) rows = rows.filter((r) => { const v = plain(r.fields[c.field]); return { is: v === c.value, is_not: v !== c.value, contains: fold(v).includes(fold(c.value)), empty: !v, filled: !!v, before: v && v < c.value, from: v && v >= c.value }[c.op]; });
  for (const w of fold(q.text).split(/\s+/).filter(Boolean)) rows = rows.filter((r) => textOf(r).includes(w));
  const s = q.sort?.[0];
  const key = s ? (r) => (s.field === 'responsible' ? r.responsible?.name : r.fields[s.field]?.title ?? r.fields[s.field]?.name ?? plain(r.fields[s.field])) ?? '' : titleOf;
  rows.sort((a, b) => String(key(a)).localeCompare(String(key(b)), 'ru') * (s?.descending ? -1 : 1));
  return rows;
}
const saved = (r) => ({ id: r.id, group: id() });
const apply = (r, fields) => { for (const [k, v] of Object.entries(fields)) { if (Array.isArray(v)) { const list = [...(r.fields[k] ?? [])]; for (const e of v) { const i = list.findIndex((x) => x.entry && x.entry === e.entry); if (e.removed) list.splice(i, 1); else if (i >= 0) list[i] = { ...list[i], ...e }; else list.push({ ...e, entry: id() }); } r.fields[k] = list; } else if (v && typeof v === 'object') r.fields[k] = { id: v.id, title: titleOf(store.get(v.id)) }; else r.fields[k] = v; if (!r.unsent_fields.includes(k)) r.unsent_fields.push(k); } r.unsent = true; sync.n_waiting++; };
const touch = (r) => changed('status', 'outbox', { kind: r.kind }, { record: r.id }, ...(r.client ? [{ record: r.client }] : []));
function plan(client, q) { const r = rec('interaction', client, { channel: q.channel, state: 'planned', subject: q.subject ?? '', description: q.description ?? '', starts_at: q.starts_at }); r.assigned = me; r.hand_overs = []; r.unsent = true; return r; }
const person = (i) => people.find((p) => p.id === i);
const orders = [];
const rehearsal = (o) => o.order === 'move_clients' ? { as_of: sync.state === 'offline' ? sync.contact_at : null, clients: o.clients.map(ref), n_interactions: all('interaction').filter((r) => o.clients.includes(r.client) && r.fields.state === 'planned').length, people: [{ user: o.to, name: person(o.to)?.name ?? '', n_gained: o.clients.length, n_lost: 0, devices: ['Телефон', 'Планшет'] }, ...[...new Set(o.clients.map((c) => store.get(c)?.responsible))].filter((p) => p && p.id !== o.to).map((p) => ({ user: p.id, name: p.name, n_gained: 0, n_lost: o.clients.filter((c) => store.get(c)?.responsible?.id === p.id).length, devices: ['Телефон ' + p.name.split(' ')[0]] }))], refused: [] } : { as_of: null, clients: o.interaction ? [ref(store.get(o.interaction)?.client)] : [], n_interactions: 1, people: o.to ? [{ user: o.to, name: person(o.to)?.name ?? '', n_gained: 1, n_lost: 0, devices: ['Телефон'] }] : [], refused: [] };
const device = (p, name, o = {}) => ({ id: id(), user: p.id, name, this_device: false, enrolled_at: iso(now() - 90 * D), contact_at: iso(now() - rnd() * 3 * D), n_purges: 0, revoked: false, ...o });
const devs = people.flatMap((p) => [device(p, 'Телефон ' + p.name.split(' ')[0], { n_purges: rnd() < 0.2 ? 2 : 0 }), ...(p === me ? [device(p, 'Ноутбук', { this_device: true })] : [])]);
const cmds = {
  status: () => status,
  enrol: (q) => { if (!q.link.includes('/')) throw new Fail('link_malformed'); if (q.password.length < 8) throw new Fail('password_too_short'); status = { ...status, phase: 'ready', sync: { ...sync, state: 'syncing', n_done: 120, n_planned: 4210 } }; const timer = setInterval(() => { status.sync.n_done = Math.min(4210, status.sync.n_done + 300); if (status.sync.n_done >= 4210) { clearInterval(timer); status.sync = { ...sync, state: 'synced', n_waiting: 0 }; } changed('status'); }, 400); return status; },
  start_local: (q) => { status = { ...status, phase: 'ready', local_only: true, me: { ...me, name: q.name }, organisation: '', sync: { ...sync, state: 'local_only', n_waiting: 0 } }; return status; },
  unlock: (q) => { if (q.passphrase !== 'пароль') throw new Fail('wrong_passphrase'); status = { ...status, phase: 'ready' }; changed('status'); return status; },
  sign_in: (q) => { if (q.password.length < 8) throw new Fail('wrong_password'); status = { ...status, phase: 'ready' }; changed('status'); return status; },
  sign_out: () => { throw new Fail('unsent_edits', { n: String(sync.n_waiting) }); },
  change_settings: (q) => { for (const k of ['language', 'theme']) if (q[k]) status[k] = q[k]; changed('status'); return status; },
  add_device: () => ({ link: 'https://crm.example.org/e/7Qm2hJt0yBq3w9', expires_at: iso(now() + 15 * 60e3) }),
  sync_now: () => sync,
  declarations,
  list: (q) => { const r = filtered(q); return { total: r.length, rows: r.slice(q.offset, q.offset + q.limit).map(row) }; },
  record: (q) => { const r = store.get(q.id); if (!r) throw new Fail('not_found'); return view(r); },
  create: (q) => { const r = rec(q.kind, q.client ?? null, {}); apply(r, q.fields); if (q.kind === 'client') r.responsible = me; touch(r); return saved(r); },
  edit: (q) => { const r = store.get(q.id); const bad = {}; for (const [k, v] of Object.entries(q.seen)) if (!Array.isArray(v) && plain(v) !== plain(r.fields[k])) bad[k] = refs({ [k]: r.fields[k] })[k] ?? null; if (Object.keys(bad).length) throw new Fail('changed_meanwhile', {}, bad); apply(r, q.changed); touch(r); return saved(r); },
  trash: (q) => { const r = store.get(q.id); r.trashed = true; touch(r); return saved(r); },
  restore: (q) => { const r = store.get(q.id); r.trashed = false; touch(r); return saved(r); },
  choose: (q) => { const r = store.get(q.id); r.reviews = r.reviews.filter((v) => v.field !== q.field); apply(r, { [q.field]: q.value }); touch(r); return saved(r); },
  reviews: () => all('client').flatMap((r) => view(r).reviews),
  search: (q) => [...store.values()].filter((r) => fold(q.text).split(/\s+/).every((w) => textOf(r).includes(w))).slice(0, q.limit).map((r) => ({ id: r.id, kind: r.kind, title: titleOf(r) || r.fields.result || '', client: ref(r.client ?? (r.kind === 'client' ? r.id : null)), snippet: r.kind === 'client' ? '' : plain(r.fields.position ?? r.fields.tax_number ?? r.fields.result ?? '') })),
  create_client: (q) => { const r = rec('client', null, {}); apply(r, q.client); r.responsible = me; const e = rec('legal_entity', r.id, {}); apply(e, { registered_name: q.client.name, ...q.legal_entity }); touch(r); return saved(r); },
  client_card: (q) => { const r = store.get(q.client); if (!r) throw new Fail('not_found'); const ints = all('interaction').filter((x) => x.client === r.id); const hist = ints.filter((x) => x.fields.state !== 'planned').sort((a, b) => b.fields.starts_at.localeCompare(a.fields.starts_at)); return { record: view(r), responsible: r.responsible, persons: all('person').filter((x) => x.client === r.id).map(view), legal_entities: all('legal_entity').filter((x) => x.client === r.id).map(view), planned: ints.filter((x) => x.fields.state === 'planned').sort((a, b) => a.fields.starts_at.localeCompare(b.fields.starts_at)).map(irow), history: hist.slice(0, 20).map(irow), n_history: hist.length, reasons: [{ reason: r.responsible.id === me.id ? 'responsible' : 'supervisor', until: null }], pending_move: r.pending_move ?? null }; },
  client_history: (q) => { const hist = all('interaction').filter((x) => x.client === q.client && x.fields.state !== 'planned').sort((a, b) => b.fields.starts_at.localeCompare(a.fields.starts_at)); return { total: hist.length, rows: hist.slice(q.offset, q.offset + q.limit).map(irow) }; },
  today: () => { const mine = process.env.EMPTY ? [] : all('interaction').filter((r) => r.assigned?.id === me.id && r.fields.state === 'planned').sort((a, b) => a.fields.starts_at.localeCompare(b.fields.starts_at)).map(irow); const by = (c) => mine.filter((r) => r.class === c); return { overdue: by('overdue'), current: by('current'), planned: by('planned').slice(0, 50), n_planned: by('planned').length, forgotten: all('client').filter((c) => c.responsible.id === me.id).slice(0, 8).map(row), now: iso(now()) }; },
  log_interaction: (q) => { const r = rec('interaction', q.client, { channel: q.channel, state: 'held', subject: q.subject ?? '', outcome: q.outcome, result: q.result, starts_at: q.at ?? iso(now()) }); r.assigned = r.contactor = me; r.unsent = true; if (q.next) plan(q.client, { ...q.next }); store.get(q.client).fields.last_contact = iso(now()); touch(r); return saved(r); },
  plan_interaction: (q) => { const r = plan(q.client, q); touch(r); return saved(r); },
  note_result: (q) => { const r = store.get(q.interaction); apply(r, { state: 'held', outcome: q.outcome, result: q.result }); r.contactor = me; if (q.next) plan(r.client, q.next); touch(r); return saved(r); },
  interactions: (q) => { const r = filtered({ ...q, kind: 'interaction' }); return { total: r.length, rows: r.slice(q.offset, q.offset + q.limit).map(irow) }; },
  people: () => people,
  rehearse: (q) => rehearsal(q.order),
  give_order: (q) => { const o = q.order; const v = { id: id(), order: o, state: sync.state === 'offline' ? 'pending' : 'applied', at: iso(now()), effect: q.confirmed ?? null, code: '', can_undo: true }; orders.unshift(v); if (o.order === 'redirect_interaction') { const r = store.get(o.interaction); if (v.state === 'applied') { r.hand_overs = [...(r.hand_overs ?? []), { from: r.assigned, to: person(o.to), by: me, at: v.at, comment: o.comment }]; r.assigned = person(o.to); } else r.pending_to = person(o.to); touch(r); } if (o.order === 'move_clients') for (const c of o.clients) { const r = store.get(c); if (v.state === 'applied') r.responsible = person(o.to); else r.pending_move = { command: v.id, to: person(o.to) }; touch(r); } if (o.order === 'undo') for (const c of store.values()) if (c.pending_move) { c.pending_move = null; touch(c); } changed('office', 'outbox', 'status'); return v; },
  orders: () => orders,
  team: () => people.filter((p) => p.role === 'rep' && p.department === me.department).map((p) => { const open = all('interaction').filter((r) => r.assigned?.id === p.id && r.fields.state === 'planned'); return { person: p, n_clients: all('client').filter((c) => c.responsible.id === p.id).length, n_open: open.length, n_overdue: open.filter((r) => cls(r) === 'overdue').length, n_held: Math.floor(rnd() * 30), devices: devs.filter((d) => d.user === p.id) }; }),
  devices: () => devs,
  proposals: () => all('client').slice(3, 5).map((c, i) => ({ id: `p${i}`, record: c.id, kind: 'client', title: titleOf(c), client: ref(c.id), author: people[2], at: iso(now() - 2 * D), received_at: iso(now() - D), what: 'edit', before: { city: c.fields.city, note: 'Старый текст' }, after: { city: 'Одеса', note: 'Новая заметка, сделанная без связи: директор сменился.' }, pending: i ? 'accept' : '' })),
  outbox: () => all('client').filter((c) => c.unsent).slice(0, 6).map((c, i) => ({ id: `o${i}`, what: 'edit', kind: 'client', record: c.id, title: titleOf(c), at: iso(now() - i * H), waiting: ['not_sent', 'not_sent', 'depends_on', 'refused', 'set_aside', 'needs_confirmation'][i], code: i === 3 ? 'no_access' : '', fields: { city: c.fields.city }, command: null, found: null })),
  retry_item: () => ({}), confirm_item: () => ({}), withdraw_item: (q) => { for (const r of store.values()) { if (r.pending_move?.command === q.id) { r.pending_move = null; touch(r); } } changed('office'); return {}; },
  notices: () => [{ id: 1, what: 'client_left', at: iso(now() - 3 * H), params: { client: 'Магазин «Колос»', to: 'Анна Лебедева', n: '1' }, client: null, fields: { note: 'Просил перезвонить в среду' } }],
  dismiss_notice: () => ({}),
  save_draft: (q) => { drafts[q.key] = q.text; return {}; },
  draft: (q) => ({ key: q.key, text: drafts[q.key] ?? '' }),
  diagnostics: () => ({ text: 'satchel 0.1.0\nclients 600\nwaiting 3\nlast sync 2026-11-22T04:00:00Z' })
};
const further = more({ people, me, all, titleOf, ref, rehearsal, iso, now, sync, devs, changed, orders, fields: (i, f) => apply(store.get(i), f) });
Object.assign(cmds, further.commands, { status: () => ({ ...status, ...further.status() }) });
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2', '.json': 'application/json' };
createServer(async (request, response) => {
  const path = new URL(request.url, 'http://x').pathname;
  if (path === '/events') { response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' }); response.write(':\n\n'); listeners.add(response); request.on('close', () => listeners.delete(response)); return; }
  if (path.startsWith('/ipc/')) {
    let body = ''; for await (const chunk of request) body += chunk;
    response.setHeader('content-type', 'application/json');
    try { const run = cmds[path.slice(5)]; if (!run) throw new Fail('no_such_command'); response.end(JSON.stringify(run(body ? JSON.parse(body) : {}) ?? {})); }
    catch (e) { if (!(e instanceof Fail)) console.error(e); response.statusCode = 422; response.end(JSON.stringify(e.body ?? { code: 'internal', kind: 'bug', params: {}, fields: {} })); }
    return;
  }
  const file = extname(path) ? path : '/index.html';
  try { const bytes = await readFile(join(root, file)); response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream'); response.end(bytes); }
  catch { response.statusCode = 404; response.end(); }
}).listen(port, '127.0.0.1', () => console.log(JSON.stringify({ url: `http://127.0.0.1:${port}/`, pid: process.pid })));
