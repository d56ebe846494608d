export { default as ClientView } from './ClientView.svelte';
