// Brings the office to where every screen has something to show: a field edited on two devices at once, a client
// handed over, a late edit that waits for its decision, a notice about it all.
import { openOffice } from './office.mjs';

/** Opens the office and plays what led to now. */
export async function openStory() {
	const office = await openOffice();
	try {
		return await play(office);
	} catch (cause) {
		await office.close();
		throw cause;
	}
}

async function play(office) {
	const { rep, supervisor } = office.people;
	const fresh = await office.device('fresh');
	const laptop = await office.device('laptop', rep, rep.links[0]);
	const phone = await office.device('phone', rep, rep.links[1]);
	const desk = await office.device('desk', supervisor, supervisor.links[0]);
	for (const device of [phone, laptop, desk]) {
		await device.command('change_settings', { language: 'ru', theme: 'light' });
	}
	const { rows: clients } = await phone.command('list', { kind: 'client', limit: 20 });
	const [disputed, leaving, , other] = clients;
	if (!disputed || !leaving || !other) throw new Error('the rep has no clients');

	// Two devices without a network, one field; and an edit of a client who is about to leave.
	await desk.synced();
	await office.leave();
	await phone.command('edit', edited(disputed, 'city', 'Одеса'));
	await laptop.command('edit', edited(disputed, 'city', 'Львів'));
	await phone.command('edit', edited(leaving, 'address', 'ул. Новая, 7, вход со двора'));
	await phone.command('edit', edited(other, 'website', 'https://ostap.example'));
	await phone.command('edit', edited(other, 'note', 'Склад за углом, звонить за час. Пропуск у охраны.'));
	await desk.command('edit', edited(other, 'website', 'https://ostap-2.example'));
	await phone.stop();
	await office.comeBack();
	await laptop.synced();
	await desk.synced();

	const order = { order: 'move_clients', clients: [leaving.id, other.id], to: supervisor.user, reason: 'illness' };
	const confirmed = await desk.command('rehearse', { order });
	const given = await desk.command('give_order', { order, confirmed });
	await desk.until('the client is moved', async () => stateOf(await desk.command('orders'), given.id) === 'applied');

	const again = await office.device('phone');
	await again.synced();
	await again.until('the competing values arrive', async () => (await again.command('reviews')).length > 0);
	await again.until('the notice arrives', async () => (await again.command('notices')).length > 0);
	await desk.until('the late edit arrives', async () => (await desk.command('proposals')).length > 1);
	await laptop.until(
		'the client has left',
		async () => (await laptop.command('list', { kind: 'client', limit: 1 })).total === clients.length - 2
	);

	await leaves(desk, office.people);
	const { admin: owner } = office.people;
	const admin = await office.device('admin', owner, owner.links[0]);
	await admin.command('change_settings', { language: 'ru', theme: 'light' });
	return { office, fresh, phone: again, laptop, desk, admin, disputed, leaving, other, card: clients[2] };
}

/** A colleague who leaves, while somebody still has to take his clients. */
async function leaves(desk, { rep, supervisor }) {
	const people = await desk.command('people');
	const one = people.find((person) => person.role === 'rep' && person.id !== rep.user);
	const team = await desk.command('team');
	const leaver = team.find(({ person }) => person.id !== rep.user && person.id !== supervisor.user)?.person ?? one;
	const from = new Date(Date.now() - 3_600_000).toISOString();
	const order = {
		order: 'record_absence',
		person: leaver.id,
		reason: 'dismissal',
		from,
		until: null,
		clients: [],
		interactions: []
	};
	const confirmed = await desk.command('rehearse', { order });
	const given = await desk.command('give_order', { order, confirmed });
	await desk.until(
		'the dismissal is recorded',
		async () => stateOf(await desk.command('orders'), given.id) === 'applied'
	);
}

function edited(row, field, value) {
	return { kind: row.kind, id: row.id, seen: { [field]: row.fields[field] ?? null }, changed: { [field]: value } };
}

function stateOf(orders, id) {
	return orders.find((order) => order.id === id)?.state;
}
