// Answers for the screens about orders, waiting things, notices, reviews and devices, with every state there is.
export function more({ people, me, all, titleOf, ref, rehearsal, iso, now, sync, devs, changed, orders, fields }) {
  const H = 3600e3, D = 24 * H;
  const clients = all('client');
  const pend = () => (sync.state === 'offline' ? sync.contact_at : null);
  const move = (n, from = 10) => ({ order: 'move_clients', clients: clients.slice(from, from + n).map((c) => c.id), to: people[2].id, reason: 'illness' });
  const given = (id, order, state, ago, extra = {}) => ({ id, order, state, at: iso(now() - ago), effect: order.order === 'undo' ? null : { ...rehearsal(order), as_of: null }, code: '', can_undo: state === 'applied', ...extra });
  const hand = all('interaction').find((r) => r.fields.state === 'planned' && r.assigned?.id !== me.id);
  orders.push(
    given('c1', move(12), 'needs_confirmation', 2 * H),
    given('c2', { order: 'redirect_interaction', interaction: hand.id, to: people[3].id, comment: '' }, 'pending', 3 * H),
    given('c3', move(5, 40), 'applied', D),
    given('c4', { order: 'undo', command: 'c3' }, 'applied', D - H, { effect: { as_of: null, clients: clients.slice(40, 44).map((c) => ref(c.id)), n_interactions: 3, people: [], refused: [{ record: clients[44].id, title: titleOf(clients[44]), code: 'changed_meanwhile_by_office' }] }, can_undo: false }),
    given('c5', { order: 'revoke_device', device: devs[3].id }, 'applied', 3 * D, { can_undo: false, effect: null }),
    given('c6', move(1, 60), 'refused', 4 * D, { code: 'person_inactive' }),
    given('c7', move(3, 70), 'withdrawn', 5 * D)
  );
  const c1 = orders[0];
  c1.effect = { ...c1.effect, as_of: iso(now() - 2 * H) };
  const found = { ...c1.effect, as_of: null, clients: c1.effect.clients.slice(0, 10), n_interactions: 7, refused: c1.effect.clients.slice(10).map((c) => ({ record: c.id, title: c.title, code: 'changed_meanwhile_by_office' })) };
  const waiting = (id, what, c, w, ago, extra = {}) => ({ id, what, kind: 'client', record: c.id, title: titleOf(c), at: iso(now() - ago), waiting: w, code: '', fields: {}, command: null, found: null, ...extra });
  let outbox = [
    waiting('o1', 'edit', clients[1], 'not_sent', 10 * 60e3, { fields: { city: 'Бровари', note: 'Заезжать со двора, разгрузка до 11:00.' } }),
    waiting('o2', 'create', clients[2], 'not_sent', H, { kind: 'interaction', title: 'Обсудить новый прайс', fields: { channel: 'call', subject: 'Обсудить новый прайс', result: 'Договорились о пробной поставке.' } }),
    waiting('o3', 'edit', clients[2], 'depends_on', H, { fields: { phones: [{ entry: 'e', value: '+380 44 111-22-33', label: 'work', title: '', removed: false }] } }),
    waiting('o4', 'edit', clients[4], 'refused', 5 * H, { code: 'no_access', fields: { note: 'Директор сменился, теперь Ковальчук. Звонить после обеда.' } }),
    waiting('o5', 'edit', clients[6], 'set_aside', D, { fields: { city: 'Львів' } }),
    waiting('c1', 'move_clients', clients[6], 'needs_confirmation', 2 * H, { kind: '', record: null, title: '', command: c1, found }),
    waiting('c2', 'redirect_interaction', clients[6], 'not_sent', 3 * H, { kind: '', record: null, title: titleOf(clients.find((c) => c.id === hand.client)), command: orders[1] })
  ];
  let notices = process.env.QUIET ? [] : [
    { id: 1, what: 'client_left', at: iso(now() - 3 * H), params: { user: people[2].id, reason: 'illness', n_edits: '3', n_accepted: '1', n_set_aside: '2', n_refused: '0' }, client: null, fields: {} },
    { id: 2, what: 'client_came', at: iso(now() - 4 * H), params: { by: people[0].id }, client: ref(clients[9].id), fields: {} },
    { id: 3, what: 'interaction_came', at: iso(now() - 5 * H), params: { by: people[3].id, comment: 'Выручи, пожалуйста, я в Одессе до пятницы.' }, client: ref(clients[11].id), fields: {} },
    { id: 4, what: 'edit_set_aside', at: iso(now() - D), params: {}, client: null, fields: { note: 'Просил перезвонить в среду, отдать образцы Марине на кассу.' } },
    { id: 5, what: 'edit_declined', at: iso(now() - 2 * D), params: { by: people[2].id }, client: null, fields: { city: 'Одеса' } },
    { id: 6, what: 'edit_refused', at: iso(now() - 2 * D), params: { code: 'no_access' }, client: null, fields: { address: 'ул. Новая, 7' } }
  ];
  const review = (c, field, values) => ({ id: c.id, kind: 'client', title: titleOf(c), client: ref(c.id), field, values: values.map((value, i) => ({ value, author: i === 0 ? people[1].name : i === 1 ? me.name : '', device: i === 0 ? 'Телефон Ивана' : i === 1 ? 'Ноутбук' : '', at: iso(now() - (5 - i) * H) })) });
  let reviews = [
    review(clients[3], 'address', ['ул. Садовая, 14, вход со двора', 'ул. Садовая, 18, вход со двора']),
    review(clients[3], 'status', ['active', 'paused']),
    review(clients[8], 'category', [clients[8].fields.category, null]),
    review(clients[12], 'contact_every', [7, 14, 30]),
    review(clients[14], 'name', ['Магазин «Берёзка» на углу Центральной и Лесной, второй павильон', 'Магазин «Берёзка»'])
  ];
  let proposals = [
    { id: 'p1', record: clients[3].id, kind: 'client', title: titleOf(clients[3]), client: ref(clients[3].id), author: people[2], at: iso(now() - 2 * D), received_at: iso(now() - D), what: 'edit', before: { city: 'Київ', note: 'Заезжать со двора, разгрузка до 11:00.' }, after: { city: 'Одеса', note: 'Заезжать со двора, разгрузка до 13:00. Директор сменился.' }, pending: '' },
    { id: 'p2', record: 'x', kind: 'interaction', title: 'Обсудить новый прайс', client: ref(clients[5].id), author: people[4], at: iso(now() - 3 * D), received_at: iso(now() - D), what: 'create', before: {}, after: { channel: 'call', subject: 'Обсудить новый прайс', result: 'Договорились о пробной поставке двух паллет, вернуться с графиком.' }, pending: '' },
    { id: 'p3', record: clients[7].id, kind: 'client', title: titleOf(clients[7]), client: ref(clients[7].id), author: null, at: iso(now() - 2 * D), received_at: iso(now() - D), what: 'edit', before: { phones: [{ entry: 'e', value: '+380 44 111-22-33', label: 'work', title: '', removed: false }] }, after: { phones: [{ entry: 'e', value: '+380 44 111-22-34', label: 'work', title: '', removed: false }] }, pending: 'accept' }
  ];
  devs[5].revoked = true;
  if (process.env.EMPTY) { outbox = []; notices = []; reviews = []; proposals = []; orders.length = 0; }
  const gone = (list, id) => list.filter((one) => one.id !== id);
  return {
    commands: {
      outbox: () => [...outbox, ...orders.filter((o) => !/^c\d$/.test(o.id) && o.state === 'pending').map((o) => waiting(o.id, o.order.order, clients[0], 'not_sent', 0, { kind: '', record: null, title: '', command: o }))],
      retry_item: (q) => { outbox = outbox.map((o) => (o.id === q.id ? { ...o, waiting: 'not_sent', code: '' } : o)); changed('outbox', 'status'); return {}; },
      confirm_item: (q) => { outbox = gone(outbox, q.id); const o = orders.find((one) => one.id === q.id); if (o) Object.assign(o, { state: 'pending', effect: found }); changed('outbox', 'office', 'status'); return {}; },
      withdraw_item: (q) => { outbox = gone(outbox, q.id); const o = orders.find((one) => one.id === q.id); if (o) o.state = 'withdrawn'; for (const r of all('client')) if (r.pending_move?.command === q.id) r.pending_move = null; for (const p of proposals) if (o?.order.proposal === p.id) p.pending = ''; changed('outbox', 'office', 'status', { kind: 'client' }); return {}; },
      notices: () => notices,
      dismiss_notice: (q) => { notices = gone(notices, q.id); changed('outbox', 'status'); return {}; },
      reviews: () => reviews,
      choose: (q) => { reviews = reviews.filter((r) => r.id !== q.id || r.field !== q.field); fields(q.id, { [q.field]: q.value }); changed('status', { kind: q.kind }, { record: q.id }); return { id: q.id, group: 'g' }; },
      proposals: () => proposals.map((p) => { const o = orders.find((one) => one.state === 'pending' && one.order.proposal === p.id); return o ? { ...p, pending: o.order.order === 'accept_proposal' ? 'accept' : 'decline' } : p; })
    },
    status: () => ({ n_reviews: reviews.length, n_proposals: proposals.length, n_notices: notices.length })
  };
}
