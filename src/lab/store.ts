export { createDocumentStore as createLabStore } from '../state/document-store.ts'
export type { Document, DocumentStore as LabStore } from '../state/document-store.ts'
