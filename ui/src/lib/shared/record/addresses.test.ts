import { expect, it } from 'vitest';
import { mailAddress, telAddress, webAddress } from './addresses';

it.each([
	['+380 (44) 123-45-67', 'tel:+380441234567'],
	['8 800 555 35 35 доб. 12', 'tel:88005553535,12'],
	['050 111 22 33', 'tel:0501112233']
])('dials %s', (typed, address) => expect(telAddress(typed)).toBe(address));

it('writes and opens what people type', () => {
	expect(mailAddress(' a@b.example ')).toBe('mailto:a@b.example');
	expect(webAddress('kolos.example')).toBe('https://kolos.example');
	expect(webAddress('http://kolos.example/x')).toBe('http://kolos.example/x');
});
