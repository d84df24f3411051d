import { useState } from 'react';

import { Icon } from '@/components/Icon';
import { writtenNumber } from '@/lib/exactJson';
import { plainText } from '@/lib/values';
import type { Value } from '@/types/api';

import classes from './viewers.module.css';

/** Members of one object or list that are shown at once. */
const PAGE = 200;
/** So deep a tree is open at first. */
const OPEN = 2;

/** JSON, as parseExact reads it, as a tree whose branches fold. */
export function JsonViewer({ value }: { value: Value }) {
  return (
    <div className={classes.tree} tabIndex={0} role="region" aria-label="Content">
      <Node value={value} depth={0} />
    </div>
  );
}

interface NodeProps {
  name?: string;
  value: Value;
  depth: number;
}

function Node({ name, value, depth }: NodeProps) {
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value);
    return <Branch name={name} members={members} isList={Array.isArray(value)} depth={depth} />;
  }
  return (
    <span className={classes.leaf}>
      {name !== undefined && <span className={classes.name}>{name}: </span>}
      <Leaf value={value} />
    </span>
  );
}

function Leaf({ value }: { value: Value }) {
  const number = writtenNumber(value);
  if (number !== undefined) return <span data-type="number">{number}</span>;
  return <span data-type={typeof value}>{plainText(JSON.stringify(value))}</span>;
}

interface BranchProps {
  name: string | undefined;
  members: [string, Value][];
  isList: boolean;
  depth: number;
}

function Branch({ name, members, isList, depth }: BranchProps) {
  const [isOpen, setIsOpen] = useState(depth < OPEN && members.length <= PAGE);
  const [shown, setShown] = useState(PAGE);
  const brief = isList ? `[${members.length}]` : `{${members.length}}`;
  return (
    <>
      <button
        type="button"
        className={classes.toggle}
        aria-expanded={isOpen}
        onClick={() => {
          setIsOpen(!isOpen);
        }}
      >
        <Icon name="chevron" size={9} />
        {name !== undefined && <span className={classes.name}>{name}</span>}
        <span className={classes.brief}>{brief}</span>
      </button>
      {isOpen && (
        <ul>
          {members.slice(0, shown).map(([key, member]) => (
            <li key={key}>
              <Node name={key} value={member} depth={depth + 1} />
            </li>
          ))}
          {members.length > shown && (
            <li>
              <button
                type="button"
                className={classes.toggle}
                onClick={() => {
                  setShown(shown + PAGE);
                }}
              >
                <span className={classes.brief}>{members.length - shown} more</span>
              </button>
            </li>
          )}
        </ul>
      )}
    </>
  );
}
