export { default as ClientsView } from './ClientsView.svelte';
export { default as NewClientView } from './NewClientView.svelte';
