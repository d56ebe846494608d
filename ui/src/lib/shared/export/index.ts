export { default as ExportSheet } from './ExportSheet.svelte';
export { exportAll } from './queries';
export { fileName } from './names';
