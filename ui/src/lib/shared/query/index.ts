export { ask, forget, newQueryClient, shown, type Watched } from './client';
