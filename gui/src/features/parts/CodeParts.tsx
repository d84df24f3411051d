import { useState } from 'react';

import { CodeDiff } from '@/components/code/CodeDiff';
import { CodeView } from '@/components/code/CodeView';
import { DiffView } from '@/components/code/DiffView';
import { FileTree } from '@/components/FileTree';
import { treeOf } from '@/lib/fileTree';

import { Part } from './Part';

const BEFORE = 'import foundations\n\nrate = 0.1\nfoundations.log_param("rate", rate)\n';
const AFTER = BEFORE.replace('0.1', '0.05') + 'foundations.set_tag("tuned")\n';
const DIFF = `diff --git a/main.py b/main.py
@@ -1,4 +1,5 @@
 import foundations

-rate = 0.1
+rate = 0.05
 foundations.log_param("rate", rate)
+foundations.set_tag("tuned")
`;
const TREE = treeOf([{ path: 'model/network.py' }, { path: 'main.py' }]);

/** Code, to be read and compared. */
export function CodeParts() {
  const [shown, setShown] = useState('main.py');
  return (
    <>
      <Part name="FileTree">
        <FileTree tree={TREE} shown={shown} onOpen={setShown} />
      </Part>
      <Part name="CodeView" isWide>
        <CodeView path="main.py" text={BEFORE} />
      </Part>
      <Part name="CodeDiff" isWide>
        <CodeDiff
          path="main.py"
          before={{ label: 'the first', text: BEFORE }}
          after={{ label: 'the second', text: AFTER }}
        />
      </Part>
      <Part name="DiffView" isWide>
        <DiffView diff={DIFF} />
      </Part>
    </>
  );
}
