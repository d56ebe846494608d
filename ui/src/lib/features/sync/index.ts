export { default as SyncView } from './SyncView.svelte';
export { default as SyncPanel } from './SyncPanel.svelte';
