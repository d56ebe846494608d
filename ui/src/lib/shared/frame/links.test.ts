import { expect, it } from 'vitest';
import { placeOf } from './links';

it('opens a number, as it is or with its signs written out', () => {
	expect(placeOf('satchel://call/+380441112233')).toBe('/call/%2B380441112233');
	expect(placeOf('satchel://call/%2B7%20(912)%20345-67-89')).toBe('/call/%2B7%20(912)%20345-67-89');
	expect(placeOf('satchel:call/102/')).toBe('/call/102');
});

it('opens nothing else', () => {
	for (const link of [
		'satchel://call/',
		'satchel://call/..%2Fsettings',
		'satchel://call/%E0%A4%A',
		'satchel://settings/1',
		'https://call/102',
		`satchel://call/${'1'.repeat(201)}`
	]) {
		expect(placeOf(link), link).toBeNull();
	}
});
