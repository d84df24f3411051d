import { useState } from 'react';

/** Lets a thing of this kind be dragged onto another one, in whose place it goes. */
export function useDragOnto(kind: string, id: string, onMove: (id: string, target: string) => void) {
  const [isTarget, setTarget] = useState(false);
  const type = `text/x-${kind}`;
  return {
    draggable: true,
    'data-target': isTarget || undefined,
    onDragStart: (event: React.DragEvent) => {
      event.dataTransfer.setData(type, id);
      event.dataTransfer.effectAllowed = 'move';
    },
    onDragOver: (event: React.DragEvent) => {
      if (!event.dataTransfer.types.includes(type)) return;
      event.preventDefault();
      setTarget(true);
    },
    onDragLeave: () => {
      setTarget(false);
    },
    onDrop: (event: React.DragEvent) => {
      event.preventDefault();
      setTarget(false);
      onMove(event.dataTransfer.getData(type), id);
    },
  };
}
