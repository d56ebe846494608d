// Texts, dates and numbers in the person's language.
export { m } from '$lib/paraglide/messages';
export * from './format';
export * from './typed-day';
export { locale, locales, systemLanguage, type Locale } from './locale.svelte';
