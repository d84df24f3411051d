/** Files by their folders. */

export interface Folder<File> {
  name: string;
  folders: Folder<File>[];
  files: File[];
}

/** Return the folder of all `files`; folders and files stand in the order of their names. */
export function treeOf<File extends { path: string }>(files: File[]): Folder<File> {
  const root: Folder<File> = { name: '', folders: [], files: [] };
  for (const file of files) {
    const names = file.path.split('/').slice(0, -1);
    const folder = names.reduce((parent, name) => folderIn(parent, name), root);
    folder.files.push(file);
  }
  return root;
}

/** Return the file's own name. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function folderIn<File>(parent: Folder<File>, name: string): Folder<File> {
  const known = parent.folders.find((folder) => folder.name === name);
  if (known) return known;
  const made: Folder<File> = { name, folders: [], files: [] };
  parent.folders.push(made);
  return made;
}
