export { default as FirstSync } from './FirstSync.svelte';
export { default as SignInDialog } from './SignInDialog.svelte';
export { default as Welcome } from './Welcome.svelte';
