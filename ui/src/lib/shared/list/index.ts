export { moveFocus } from './keys';
export { default as ListView } from './ListView.svelte';
export { ListModel } from './model.svelte';
export { listPage, pinnedPlaces } from './pinned';
export { listFields } from './fields';
export { rowsQuery, viewsQuery } from './queries';
export { default as RecordTable } from './RecordTable.svelte';
export { nextSort, plainState, requestOf, viewState, type Preset } from './state';
export { RowWindow } from './window.svelte';
