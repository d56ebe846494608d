import { expect, test } from 'vitest';
import { asText, fromText, whyWords } from './words';

test('a choice keeps the label its column brought', () => {
	const phone = { kind: 'person', field: 'phones', label: 'mobile' };
	expect(fromText(asText(phone), phone)).toEqual(phone);
	expect(fromText('client|phones', phone)).toEqual({ kind: 'client', field: 'phones', label: 'mobile' });
	expect(fromText('client|city', phone)).toEqual({ kind: 'client', field: 'city', label: '' });
	expect(fromText('', phone)).toBeNull();
});

test('reasons differ', () => {
	expect(whyWords('ambiguous')).not.toBe(whyWords('scientific'));
});
